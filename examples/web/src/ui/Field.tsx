import { type InputHTMLAttributes, type ReactNode, useId, useState } from "react";
import { useWords } from "../i18n/language.tsx";
import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

/** What a control inside a field needs to be found by its label, hint and error. */
export interface ControlProps {
  id: string;
  name: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

interface FieldProps {
  label: string;
  name: string;
  error?: string | undefined;
  hint?: ReactNode;
  optional?: boolean;
  children(control: ControlProps): ReactNode;
}

/** A label, its control, a hint below it, and the error that belongs to it. */
export function Field({ label, name, error, hint, optional, children }: FieldProps) {
  const { t } = useWords();
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {optional && <span className="quiet"> ({t.app.optional})</span>}
      </label>
      {children({
        id,
        name,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {error && (
        <p className="error" id={`${id}-error`}>
          <Icon name="warning" size={18} />
          <span>{error}</span>
        </p>
      )}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Omit<FieldProps, "children"> &
  Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "name">;

export function TextField({ label, name, error, hint, optional, ...input }: TextFieldProps) {
  return (
    <Field label={label} name={name} error={error} hint={hint} {...(optional ? { optional } : {})}>
      {(control) => <input className="input" type="text" {...input} {...control} />}
    </Field>
  );
}

/** A password with a switch that shows it: people who see what they type choose longer ones. */
export function PasswordField({ label, name, error, hint, optional, ...input }: TextFieldProps) {
  const { t } = useWords();
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} name={name} error={error} hint={hint} {...(optional ? { optional } : {})}>
      {(control) => (
        <div className="secret">
          <input className="input" required {...input} {...control} type={shown ? "text" : "password"} />
          <IconButton
            icon="eye"
            label={shown ? t.auth.hidePassword : t.auth.showPassword}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        </div>
      )}
    </Field>
  );
}
