import { useDeferredValue, useMemo } from "react";
import { describeFailure } from "../../i18n/failure.ts";
import { useWords } from "../../i18n/language.tsx";
import { Changes } from "./Changes.tsx";
import { diff, type Stretch, visible } from "./diff.ts";
import { type Outcome, outcomeOf, type Sanitizer } from "./outcome.ts";

/** What becomes of a text, or why it is refused; typing goes on while a long one is being read. */
export function Result({ given, sanitizer }: { given: string; sanitizer: Sanitizer }) {
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
