import type { Change } from "@trackit/sdk/sanitize";
import { useWords } from "../../i18n/language.tsx";
import type { Outcome } from "./outcome.ts";

/** How many changes are listed; the rest is counted. */
const MOST = 50;

/** What changes, in words; in JSON also where. */
export function Changes({ outcome: { as, changes, more } }: { outcome: Outcome }) {
  const { t } = useWords();
  const listed = changes.slice(0, MOST);
  const left = changes.length - listed.length + more;
  return (
    <section className="card stack" aria-label={t.sanitize.changes}>
      <h2>{t.sanitize.changes}</h2>
      <ul className="stack">
        {listed.map((change) => (
          <li key={`${change.in} ${change.path}`}>
            {as === "json" && (
              <p>
                <code>{change.path}</code>
                {change.in === "key" && <span className="quiet"> {t.sanitize.key}</span>}
              </p>
            )}
            <Kinds change={change} />
          </li>
        ))}
      </ul>
      {left > 0 && <p className="quiet">{t.sanitize.more(left)}</p>}
    </section>
  );
}

function Kinds({ change: { kinds, elements, before, after } }: { change: Change }) {
  const { t } = useWords();
  return (
    <>
      <ul className="kinds">
        {kinds.map((kind) => (
          <li key={kind}>
            {kind === "element" ? t.sanitize.elements(elements.join(", ")) : t.sanitize.kinds[kind]}
          </li>
        ))}
      </ul>
      <p className="small quiet">{t.sanitize.lengths(before, after)}</p>
    </>
  );
}
