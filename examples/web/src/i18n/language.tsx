import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { keep, kept } from "../app/kept.ts";
import { type Dictionary, en } from "./en.ts";
import { createFormat, type Format } from "./format.ts";
import { pt } from "./pt.ts";

const dictionaries = { en, pt } satisfies Record<string, Dictionary>;

export type Language = keyof typeof dictionaries;

/** Names in their own language: whoever looks for theirs reads it. */
export const languages: readonly { code: Language; name: string }[] = [
  { code: "en", name: "English" },
  { code: "pt", name: "Português" },
];

interface Words {
  t: Dictionary;
  format: Format;
  language: Language;
  setLanguage(language: Language): void;
}

const Context = createContext<Words | null>(null);

/** The first language of a list of BCP 47 tags that the app speaks, or null. */
export function pickLanguage(tags: readonly (string | null | undefined)[]): Language | null {
  for (const tag of tags) {
    const base = tag?.toLowerCase().split("-")[0];
    if (base === "en" || base === "pt") return base;
  }
  return null;
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setState] = useState<Language>(
    () => pickLanguage([kept("language"), ...navigator.languages]) ?? "en",
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const words = useMemo<Words>(() => {
    const t = dictionaries[language];
    // The browser's own region decides how dates look: en-GB and en-US differ.
    const region = navigator.languages.find((tag) => pickLanguage([tag]) === language) ?? language;
    return {
      t,
      language,
      format: createFormat(region, t),
      setLanguage(next) {
        keep("language", next);
        setState(next);
      },
    };
  }, [language]);
  return <Context value={words}>{children}</Context>;
}

/** The dictionary `t`, formats and the choice of language. */
export function useWords(): Words {
  const words = useContext(Context);
  if (!words) throw new Error("useWords outside LanguageProvider: wrap the page in it");
  return words;
}
