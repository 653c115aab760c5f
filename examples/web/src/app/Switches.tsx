import { languages, useWords } from "../i18n/language.tsx";
import { themes, useTheme } from "./theme.ts";

/** Language and appearance, for this browser. */
export function Switches() {
  const { t, language, setLanguage } = useWords();
  const [theme, setTheme] = useTheme();
  return (
    <div className="switches">
      <select
        aria-label={t.app.language}
        value={language}
        onChange={(event) => {
          const chosen = languages.find(({ code }) => code === event.target.value);
          if (chosen) setLanguage(chosen.code);
        }}
      >
        {languages.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t.app.theme}
        value={theme}
        onChange={(event) => setTheme(themes.find((one) => one === event.target.value) ?? "system")}
      >
        {themes.map((one) => (
          <option key={one} value={one}>
            {t.app.themes[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
