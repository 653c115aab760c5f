import * as z from "zod/mini";
import { createHandler, type Deps, type Handler } from "../_shared/handler.ts";
import { MAX_BYTES, MAX_DEPTH, RATE } from "./limits.ts";

/** What a cleaner makes of a JSON value: the same shape, and what was changed. */
export type Sanitize = (value: unknown) => {
  value: unknown;
  report: unknown[];
  omitted: number;
  changed: boolean;
};

/**
 * `POST /functions/v1/sanitize`: any JSON in, `{ value, report, omitted, changed }` out, where `value` has the same
 * shape with its text cleaned, and `report` says where something was changed and what kind of change it was.
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
