import { createDeps } from "../_shared/handler.ts";
import { createSanitize } from "./handler.ts";
import { sanitize } from "./sanitize.ts";

Deno.serve(
  createSanitize(
    createDeps((name) => Deno.env.get(name)),
    sanitize,
  ),
);
