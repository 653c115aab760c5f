import { Engine } from "./engine.ts";
import { indexedDbShelf } from "./indexed-db.ts";
import { type Answer, type Call, type Hello, isMethod, toWire } from "./wire.ts";

// The worker's whole program: private keys are used here, and page scripts have no way to them but METHODS.

let engine: Engine | null = null;

self.addEventListener("message", ({ data }: MessageEvent<Hello | Call>) => {
  if ("hello" in data) void greet(data);
  else void answer(data);
});

async function greet({ hello, alive }: Hello): Promise<void> {
  engine ??= new Engine(indexedDbShelf(hello), hello, "worker");
  const ready = () => send({ id: 0, value: null });
  if (!navigator.locks) return ready();
  await navigator.locks.request(alive, () => {
    ready();
    // Never: the lock falls when this worker ends, however it ends, and so tells its page.
    return new Promise<void>(() => {});
  });
}

async function answer({ id, method, args }: Call): Promise<void> {
  try {
    if (!engine || !isMethod(method)) throw new Error(`${method} is no call`);
    const call = engine[method] as (...given: unknown[]) => Promise<unknown>;
    send({ id, value: await call.apply(engine, args) });
  } catch (error) {
    send({ id, error: toWire(error) });
  }
}

function send(message: Answer): void {
  const value = "value" in message ? message.value : null;
  // Opened secrets move, so that no copy of them stays here.
  const moved = Array.isArray(value) ? value.filter((one) => one instanceof Uint8Array) : [];
  self.postMessage(message, { transfer: moved.map(({ buffer }) => buffer) });
}
