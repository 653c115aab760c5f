import { createDeps } from "../_shared/handler.ts";
import { createShare } from "./handler.ts";

Deno.serve(createShare(createDeps((name) => Deno.env.get(name))));
