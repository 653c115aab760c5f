import { invalidRequest } from "../errors.ts";

type Body = Record<string, unknown>;

// What hosted's JSON schemas say, in their words; null stands for nothing where a client sends undefined as such.

/** @throws StorageError InvalidRequest */
export function wantText(body: Body, key: string): string {
  const value = optionalText(body, key);
  if (value === undefined) throw invalidRequest(`body must have required property '${key}'`);
  return value;
}

export function optionalText(body: Body, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalidRequest(`body/${key} must be string`);
  return value;
}

export function optionalTruth(body: Body, key: string): boolean | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalidRequest(`body/${key} must be boolean`);
  return value;
}

/** One of those texts. */
export function optionalChoice<Choice extends string>(
  body: Body,
  key: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = optionalText(body, key);
  const choice = choices.find((each) => each === value);
  if (value !== undefined && choice === undefined)
    throw invalidRequest(`body/${key} must be equal to one of the allowed values`);
  return choice;
}

/** A whole number of at least `least`; what is greater than `most` is `most`. */
export function optionalCount(
  body: Body,
  key: string,
  least: number,
  most = 2 ** 31 - 1,
): number | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    throw invalidRequest(`body/${key} must be integer`);
  if (value < least) throw invalidRequest(`body/${key} must be >= ${least}`);
  return Math.min(value, most);
}

/** A list that is not empty. */
export function wantItems(body: Body, key: string, most: number): unknown[] {
  const value = body[key];
  if (value === undefined) throw invalidRequest(`body must have required property '${key}'`);
  if (!Array.isArray(value)) throw invalidRequest(`body/${key} must be array`);
  if (value.length === 0) throw invalidRequest(`body/${key} must NOT have fewer than 1 items`);
  if (value.length > most) throw invalidRequest(`body/${key} must NOT have more than ${most} items`);
  return value;
}

/** A list of texts that is not empty. */
export function wantTexts(body: Body, key: string, most: number): string[] {
  const items = wantItems(body, key, most);
  if (!items.every((item) => typeof item === "string"))
    throw invalidRequest(`body/${key} must be array of strings`);
  return items;
}

/** An object, or undefined. */
export function optionalObject(body: Body, key: string): Body | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw invalidRequest(`body/${key} must be object`);
  return value as Body;
}

export interface SortBy {
  column: string;
  order: "asc" | "desc";
}

/** `sortBy`, by the name upwards unless it says otherwise. */
export function sortBy(body: Body, columns: readonly string[]): SortBy {
  const given = optionalObject(body, "sortBy") ?? {};
  const column = optionalText(given, "column") ?? "name";
  const order = optionalText(given, "order") ?? "asc";
  if (!columns.includes(column))
    throw invalidRequest("body/sortBy/column must be equal to one of the allowed values");
  if (order !== "asc" && order !== "desc")
    throw invalidRequest("body/sortBy/order must be equal to one of the allowed values");
  return { column, order };
}
