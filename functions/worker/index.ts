import { readEnvironment } from "../_shared/environment.ts";
import { createDeps } from "../_shared/handler.ts";
import { createObjects } from "./files/objects.ts";
import { createWorker } from "./handler.ts";
import { readMailing } from "./mail/settings.ts";

const get = (name: string) => Deno.env.get(name);

Deno.serve(createWorker(createDeps(get), readMailing(get), createObjects(readEnvironment(get))));
