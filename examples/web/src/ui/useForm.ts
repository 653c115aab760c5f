import { type FormEvent, useState } from "react";
import { heed } from "../app/ended.ts";
import { useOnline } from "../app/online.tsx";
import { describeFailure } from "../i18n/failure.ts";
import { useWords } from "../i18n/language.tsx";

export interface Form {
  /** Give these to the form element: the browser's own bubbles stay away, errors appear at their field. */
  props: {
    onSubmit(event: FormEvent<HTMLFormElement>): void;
    onInput(event: FormEvent<HTMLFormElement>): void;
    noValidate: true;
  };
  busy: boolean;
  /** Error by name of the field. */
  errors: Record<string, string>;
  /** The error that belongs to no field of this form. */
  alert: string | null;
  /** The code of the last failure, for forms that offer a way out of it. */
  code: string | null;
}

interface Problem {
  errors: Record<string, string>;
  alert: string | null;
  code: string | null;
}

const none: Problem = { errors: {}, alert: null, code: null };

/**
 * Runs `send` with the form's data; a failure is shown at the field that it names, which gets the focus.
 * @param send may throw; what it throws is told in the reader's words
 * @param options.kept what is sent may also wait on this device; other forms refuse while there is no network
 */
export function useForm(
  send: (data: FormData, form: HTMLFormElement) => Promise<void>,
  { kept = false }: { kept?: boolean } = {},
): Form {
  const { t } = useWords();
  const online = useOnline();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>(none);

  const submit = async (form: HTMLFormElement) => {
    const missing = firstMissing(form);
    if (missing) {
      const rule = t.invalid[missing.type === "email" ? "email" : missing.name];
      const text = missing.value === "" ? t.invalid.required : rule;
      setProblem({ ...none, errors: { [missing.name]: text ?? t.errors.USAGE_INVALID } });
      missing.focus();
      return;
    }
    if (!online && !kept) return setProblem({ ...none, alert: t.network.needed });
    setBusy(true);
    setProblem(none);
    try {
      await send(new FormData(form), form);
    } catch (error) {
      heed(error);
      const { field, text, code } = describeFailure(error, t);
      const name = field?.split(".")[0];
      const control = name ? form.elements.namedItem(name) : null;
      setProblem(
        name && control ? { errors: { [name]: text }, alert: null, code } : { ...none, alert: text, code },
      );
      if (control instanceof HTMLElement) control.focus();
    } finally {
      setBusy(false);
    }
  };

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!busy) void submit(event.currentTarget);
  };
  // What was said of a field is about the old value: it goes with the first new letter.
  const onInput = ({ target }: FormEvent<HTMLFormElement>) => {
    const name = target instanceof Element ? (target.getAttribute("name") ?? "") : "";
    if (name in problem.errors) setProblem(none);
  };
  return { props: { onSubmit, onInput, noValidate: true }, busy, ...problem };
}

/** The first control that the browser itself calls incomplete or malformed. */
function firstMissing(form: HTMLFormElement): HTMLInputElement | null {
  for (const control of form.elements)
    if (control instanceof HTMLInputElement && control.name !== "" && !control.validity.valid) return control;
  return null;
}

/** The text of a field, "" when absent. */
export function text(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
