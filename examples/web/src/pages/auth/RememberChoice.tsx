import type { Remember } from "@trackit/sdk";
import { useWords } from "../../i18n/language.tsx";
import { Choices } from "../../ui/Choices.tsx";

/** Where the session is kept: on the device, in the tab, or nowhere. */
export function RememberChoice({ value, onChange }: { value: Remember; onChange(value: Remember): void }) {
  const { t } = useWords();
  const options: { value: Remember; label: string }[] = [
    { value: "device", label: t.auth.rememberDevice },
    { value: "tab", label: t.auth.rememberTab },
    { value: "never", label: t.auth.rememberNever },
  ];
  return (
    <Choices legend={t.auth.remember} name="remember" options={options} value={value} onChange={onChange} />
  );
}
