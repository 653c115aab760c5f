// Runs in a function's process before the function. It gives what the hosted runtime has beyond Deno
// (EdgeRuntime.waitUntil, the project's address in request.url) and tells the stack, in marked lines on stderr,
// when the function listens, what it logs for which request, and how many tasks run in the background.
import { AsyncLocalStorage } from "node:async_hooks";
import { format } from "node:util";

const mark = Deno.env.get("TRACKIT_FUNCTION_MARK");
const origin = new URL(Deno.env.get("SUPABASE_URL")).origin;
Deno.env.delete("TRACKIT_FUNCTION_MARK");

const current = new AsyncLocalStorage();
const encoder = new TextEncoder();

function tell(message) {
  const bytes = encoder.encode(`${mark}${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += Deno.stderr.writeSync(bytes.subarray(at));
}

const levels = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error", trace: "debug" };
for (const [name, level] of Object.entries(levels)) {
  console[name] = (...values) =>
    tell({ log: level, message: format(...values).slice(0, 10_000), request_id: current.getStore() });
}

let pending = 0;
globalThis.EdgeRuntime = {
  /** Keeps the process until `promise` settles, within the wall-clock limit. */
  waitUntil(promise) {
    tell({ pending: ++pending });
    const settled = () => tell({ pending: --pending });
    Promise.resolve(promise).then(settled, (error) => {
      console.error(error);
      settled();
    });
  },
};

Deno.addSignalListener("SIGTERM", () => {
  dispatchEvent(new CustomEvent("beforeunload", { detail: { reason: "early_drop" } }));
  Deno.exit(0);
});

const serve = Deno.serve;
Deno.serve = (first, second) => {
  const given = typeof first === "function" ? {} : first;
  const handler = typeof first === "function" ? first : (second ?? first.handler);
  // Where it listens is the stack's to say: a port in its options would take it out of the gateway's reach.
  const { port: _port, hostname: _hostname, path: _path, transport: _transport, ...options } = given;
  return serve({
    ...options,
    onListen(address) {
      given.onListen?.(address);
      tell({ ready: true });
    },
    handler: (request, info) =>
      current.run(request.headers.get("x-request-id"), () => handler(withOrigin(request), info)),
  });
};

/** On a Unix socket `request.url` begins with `http+unix://host`. */
function withOrigin(request) {
  const url = origin + request.url.slice(request.url.indexOf("/", "http+unix://".length));
  // Deno takes a socket over only from its own object.
  if (request.headers.has("upgrade")) return Object.defineProperty(request, "url", { value: url });
  return new Request(url, request);
}
