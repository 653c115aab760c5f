import type { Change } from "@trackit/sdk/sanitize";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { describeFailure } from "../../i18n/failure.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Failed, Loading } from "../../ui/States.tsx";
import { diff, type Stretch, visible } from "./diff.ts";
import { type Outcome, outcomeOf, type Sanitizer } from "./outcome.ts";
import "./sanitize.css";

/** A text before and after cleaning, with what changed; nothing of it leaves the device. */
export default function SanitizePage() {
  const { t } = useWords();
  const [given, setGiven] = useState("");
  const { sanitizer, error, load } = useSanitizer();
  return (
    <section className="page sanitize" aria-label={t.sanitize.title}>
      <div className="page-head">
        <h1>{t.sanitize.title}</h1>
      </div>
      <p className="quiet">{t.sanitize.lead}</p>
      <Field label={t.sanitize.input} name="given">
        {(control) => (
          <textarea
            className="input"
            dir="auto"
            rows={6}
            spellCheck={false}
            value={given}
            onChange={(event) => setGiven(event.target.value)}
            {...control}
          />
        )}
      </Field>
      <div className="row">
        <Button onClick={() => setGiven(t.sanitize.exampleText)}>{t.sanitize.example}</Button>
        {given !== "" && (
          <Button tone="ghost" onClick={() => setGiven("")}>
            {t.sanitize.clear}
          </Button>
        )}
      </div>
      {error !== null && <Failed error={error} retry={load} />}
      {error === null && !sanitizer && <Loading rows={2} />}
      {sanitizer && given !== "" && <Result given={given} sanitizer={sanitizer} />}
    </section>
  );
}

function useSanitizer() {
  const [sanitizer, setSanitizer] = useState<Sanitizer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    import("@trackit/sdk/sanitize").then(setSanitizer, setError);
  }, []);
  useEffect(load, [load]);
  return { sanitizer, error, load };
}

function Result({ given, sanitizer }: { given: string; sanitizer: Sanitizer }) {
  const { t } = useWords();
  const settled = useDeferredValue(given);
  const result = useMemo(() => attempt(settled, sanitizer), [settled, sanitizer]);
  if ("failure" in result)
    return (
      <p className="alert" role="alert">
        {describeFailure(result.failure, t).text}
      </p>
    );
  const { outcome } = result;
  const count = outcome.changes.length + outcome.more;
  return (
    <>
      <p className="notice" role="status">
        {t.sanitize.readAs[outcome.as]} {count === 0 ? t.sanitize.unchanged : t.sanitize.changed(count)}
      </p>
      <Comparison outcome={outcome} />
      {count > 0 && <Changes outcome={outcome} />}
    </>
  );
}

function attempt(given: string, sanitizer: Sanitizer): { outcome: Outcome } | { failure: unknown } {
  try {
    return { outcome: outcomeOf(given, sanitizer) };
  } catch (failure) {
    return { failure };
  }
}

function Comparison({ outcome: { before, after } }: { outcome: Outcome }) {
  const { t } = useWords();
  const stretches = useMemo(() => diff(before, after), [before, after]);
  return (
    <div className="comparison">
      <Side
        title={t.sanitize.before}
        mark="out"
        stretches={stretches ?? [{ kind: "same", text: before, at: 0 }]}
      />
      <Side
        title={t.sanitize.after}
        mark="in"
        stretches={stretches ?? [{ kind: "same", text: after, at: 0 }]}
      />
    </div>
  );
}

interface SideProps {
  title: string;
  /** What is marked on this side; the other side's marks are left out. */
  mark: "out" | "in";
  stretches: readonly Stretch[];
}

function Side({ title, mark, stretches }: SideProps) {
  const Mark = mark === "out" ? "del" : "ins";
  const shown = stretches.filter(({ kind }) => kind === "same" || kind === mark);
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <pre dir="auto">
        {shown.map(({ kind, text, at }) => {
          const Part = kind === "same" ? "span" : Mark;
          return <Part key={at}>{visible(text)}</Part>;
        })}
      </pre>
    </section>
  );
}

function Changes({ outcome: { as, changes, more } }: { outcome: Outcome }) {
  const { t } = useWords();
  const listed = changes.slice(0, 50);
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
