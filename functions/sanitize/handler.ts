import * as z from "zod/mini";
import { createHandler, type Deps, type Handler } from "../_shared/handler.ts";

/** What a cleaner makes of a JSON value: the same shape, and what was changed. */
export type Sanitize = (value: unknown) => { value: unknown; report: unknown };

/** In bytes. A platform's function has about two seconds of processor time. */
export const MAX_BYTES = 1_048_576;
export const MAX_DEPTH = 64;

/** Per caller: each call may cost as much as a megabyte takes. */
export const RATE = { most: 120, seconds: 60 };

/**
 * `POST /functions/v1/sanitize`: any JSON in, `{ value, report }` out, where `value` has the same shape with its text
 * cleaned, and `report` says what was changed.
 */
export const createSanitize = (deps: Deps, sanitize: Sanitize): Handler =>
  createHandler(
    {
      name: "sanitize",
      method: "POST",
      callers: ["publishable", "secret", "user"],
      rate: RATE,
      body: { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH, schema: z.unknown() },
      handle: async ({ body }) => sanitize(body),
    },
    deps,
  );
