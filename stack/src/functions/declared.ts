import { readFileSync } from "node:fs";
import type { Declared, FunctionLimits } from "./types.ts";

/** The hosted platform's own bounds; a process without work is ended here after a minute to spare memory. */
const defaults: FunctionLimits = {
  requestSeconds: 150,
  wallClockSeconds: 400,
  memoryMb: 256,
  idleSeconds: 60,
};

/** A name or an address, and perhaps a port: never a scheme, a path or a comma, which would widen a permission. */
const hostPattern = /^(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;

/**
 * Reads what a function asks of this stack: the key `trackit` of its deno.json, by the function's name, where `*`
 * stands for all. The CLI and Deno pass the key over, and config.toml stays one that the CLI accepts.
 *
 * @example `"trackit": { "*": { "idleSeconds": 30 }, "mail": { "net": ["api.example.com:443"], "warm": true } }`
 * @throws Error naming file, function and key where a value is not what it must be
 */
export function readDeclared(file: string | null, name: string): Declared {
  const all = file === null ? {} : (readJson(file).trackit ?? {});
  if (!isRecord(all))
    throw new Error(`cannot read ${file}: "trackit" is ${JSON.stringify(all)}, want an object`);
  const limits: FunctionLimits = { ...defaults };
  const declared: Declared = { net: [], warm: false, limits };
  for (const key of ["*", name]) {
    const own = all[key] ?? {};
    if (!isRecord(own)) throw fault(file, key, "", own, "an object");
    for (const [field, value] of Object.entries(own)) apply(declared, field, value, file, key);
  }
  return declared;
}

function apply(declared: Declared, field: string, value: unknown, file: string | null, key: string): void {
  if (field === "net") {
    if (!Array.isArray(value) || !value.every((host) => typeof host === "string" && hostPattern.test(host)))
      throw fault(file, key, field, value, 'a list of hosts such as "api.example.com:443"');
    declared.net.push(...(value as string[]));
  } else if (field === "warm") {
    if (typeof value !== "boolean") throw fault(file, key, field, value, "true or false");
    declared.warm = value;
  } else if (field in defaults) {
    if (typeof value !== "number" || !(value > 0)) throw fault(file, key, field, value, "a number above 0");
    declared.limits[field as keyof FunctionLimits] = value;
  } else {
    throw fault(file, key, field, value, `one of net, warm, ${Object.keys(defaults).join(", ")}`);
  }
}

const fault = (file: string | null, key: string, field: string, value: unknown, wanted: string) =>
  new Error(
    `cannot read ${file}: trackit.${key}${field && `.${field}`} is ${JSON.stringify(value)}, want ${wanted}`,
  );

// A file with comments is Deno's to read; what it declares for us must be plain JSON.
function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
