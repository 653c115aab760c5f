import { createDeps } from "../_shared/handler.ts";
import { createUnsubscribe } from "./handler.ts";

Deno.serve(createUnsubscribe(createDeps((name) => Deno.env.get(name))));
