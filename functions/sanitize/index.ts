import { clean } from "../../sdk/src/sanitize/clean.ts";
import { createDeps } from "../_shared/handler.ts";
import { createSanitize } from "./handler.ts";

function cleaned(value: unknown, changed: { count: number }): unknown {
  if (typeof value === "string") {
    const text = clean(value);
    if (text !== value) changed.count++;
    return text;
  }
  if (Array.isArray(value)) return value.map((item) => cleaned(item, changed));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [cleaned(key, changed), cleaned(item, changed)]),
  );
}

Deno.serve(
  createSanitize(
    createDeps((name) => Deno.env.get(name)),
    (value) => {
      const report = { count: 0 };
      return { value: cleaned(value, report), report };
    },
  ),
);
