import { ERROR_CODES, type ErrorCode, TrackItError } from "../../errors.ts";
import type { Engine } from "./engine.ts";

/** What a page may ask of the worker: nothing hands out a private key. */
export const METHODS = [
  "device",
  "generate",
  "sign",
  "unwrap",
  "makeSecret",
  "sealSecret",
  "wrap",
  "secret",
  "secrets",
  "openSecrets",
  "pin",
  "get",
  "list",
  "batch",
  "seal",
  "open",
  "wipe",
] as const;

export type Method = (typeof METHODS)[number];

/** After these a lost answer leaves nothing in doubt: they change nothing, or the same again. */
export const REPEATABLE: ReadonlySet<Method> = new Set(METHODS.filter((method) => method !== "batch"));

/** The first message: which database, and the lock that the worker holds for as long as it lives. */
export interface Hello {
  hello: string;
  alive: string;
}

export interface Call<Name extends Method = Method> {
  id: number;
  method: Name;
  args: Parameters<Engine[Name]>;
}

/** `id` 0 answers the hello. */
export type Answer = { id: number; value: unknown } | { id: number; error: WireError };

interface WireError {
  code: ErrorCode;
  message: string;
  hint?: string | undefined;
  field?: string | undefined;
  value?: unknown;
  rule?: string | undefined;
}

/** An error as a message can carry it; what is none of ours keeps its text alone. */
export function toWire(error: unknown): WireError {
  if (error instanceof TrackItError) {
    const { code, message, hint, field, value, rule } = error;
    return { code, message, hint, field, value, rule };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: "USAGE_STORAGE", message: `keystore: the worker has failed (${text})` };
}

export function fromWire({ code, message, ...init }: WireError): TrackItError {
  return new TrackItError(ERROR_CODES.includes(code) ? code : "USAGE_STORAGE", message, init);
}

export function isMethod(method: unknown): method is Method {
  return METHODS.includes(method as Method);
}
