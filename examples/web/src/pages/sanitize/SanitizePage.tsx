import { useCallback, useEffect, useState } from "react";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Failed, Loading } from "../../ui/States.tsx";
import type { Sanitizer } from "./outcome.ts";
import { Result } from "./Result.tsx";
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
