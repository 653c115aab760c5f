import { type FilesWords, filesEn } from "../../i18n/files-en.ts";
import { filesPt } from "../../i18n/files-pt.ts";
import { type Language, useWords } from "../../i18n/language.tsx";

const dictionaries: Record<Language, FilesWords> = { en: filesEn, pt: filesPt };

/** The words of files beside those of the app; they come with the page. */
export function useFilesWords() {
  const words = useWords();
  return { ...words, f: dictionaries[words.language], bytes: bytesIn(words.language) };
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** "3.4 MB". */
function bytesIn(language: Language): (size: number) => string {
  return (size) => {
    const step = size < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(size) / 3));
    const options = {
      style: "unit",
      unit: UNITS[step] ?? "byte",
      // "1 byte" and "8 bytes"; what is larger has a sign of its own.
      unitDisplay: step === 0 ? "long" : "short",
      maximumFractionDigits: step === 0 ? 0 : 1,
    } as const;
    return new Intl.NumberFormat(language, options).format(size / 1_000 ** step);
  };
}
