import { useState } from "react";
import { keep, kept } from "./kept.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

function read(): Theme {
  return themes.find((theme) => theme === kept("theme")) ?? "system";
}

/** Puts the kept choice on the document; called once before the first render. */
export function applyTheme(theme: Theme = read()): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(read);
  return [
    theme,
    (next) => {
      keep("theme", next === "system" ? null : next);
      applyTheme(next);
      setTheme(next);
    },
  ];
}
