/**
 * Brings the values of a configuration to the types of the defaults, as the CLI does: what comes from `env(NAME)`
 * is text, and "5432" stands for 5432 there.
 * @param model the defaults; what they do not know is left as it is
 * @throws Error naming key, value and what is wanted
 */
export function conform<T>(value: unknown, model: T, key = ""): T {
  if (value === undefined) return model;
  if (Array.isArray(model)) return list(value, key) as T;
  if (typeof model === "object" && model !== null) return table(value, model, key) as T;
  if (typeof model === "number") return number(value, key) as T;
  if (typeof model === "boolean") return truth(value, key) as T;
  if (typeof model === "string" && typeof value !== "string") throw wrong(key, value, "text");
  return value as T;
}

function table(value: unknown, model: object, key: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(key, value, "a table");
  const result: Record<string, unknown> = { ...value };
  for (const [name, inner] of Object.entries(model))
    result[name] = conform(result[name], inner, key === "" ? name : `${key}.${name}`);
  return result;
}

function list(value: unknown, key: string): string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
    throw wrong(key, value, "a list of texts");
  return value;
}

function number(value: unknown, key: string): number {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const isPort = /(^|[._])port$/.test(key);
  if (typeof found !== "number" || !Number.isFinite(found)) throw wrong(key, value, "a number");
  if (isPort && !(Number.isInteger(found) && found >= 0 && found <= 65_535))
    throw wrong(key, value, "a port from 0 to 65535");
  return found;
}

function truth(value: unknown, key: string): boolean {
  if (value === "true" || value === true) return true;
  if (value === "false" || value === false) return false;
  throw wrong(key, value, "true or false");
}

function wrong(key: string, value: unknown, wanted: string): Error {
  const unset = /^env\((\w+)\)$/.exec(String(value))?.[1];
  const given = unset ? `env(${unset}), and ${unset} is not set` : JSON.stringify(value);
  return new Error(`${key} is ${given}; want ${wanted}`);
}
