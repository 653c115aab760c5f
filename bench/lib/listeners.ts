import WebSocket from "ws";

/** What the process of clients is asked, and answers; one question at a time. */
export type Question =
  | { kind: "open"; url: string; count: number; topic: string | null }
  | { kind: "blast"; messages: number; topic: string }
  | { kind: "close" };

const open: WebSocket[] = [];
let heard = 0;
let wanted = Number.POSITIVE_INFINITY;
let onAll = () => {};

process.on("message", async (question: Question) => {
  process.send?.(await answer(question));
});

function answer(question: Question): Promise<number> {
  if (question.kind === "open") return openAll(question);
  if (question.kind === "blast") return blast(question);
  for (const ws of open.splice(0)) ws.terminate();
  return Promise.resolve(0);
}

/** @returns milliseconds until every client was connected, and had joined where there is a topic */
async function openAll({ url, count, topic }: Extract<Question, { kind: "open" }>): Promise<number> {
  const start = performance.now();
  for (let at = 0; at < count; at += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - at) }, () => openOne(url, topic)));
  }
  return performance.now() - start;
}

function openOne(url: string, topic: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    open.push(ws);
    ws.once("error", reject);
    ws.once("open", () => {
      if (topic) ws.send(JSON.stringify(["1", "1", topic, "phx_join", { config: {} }]));
      else ready();
    });
    const ready = () => {
      ws.on("message", () => {
        if (++heard === wanted) onAll();
      });
      resolve();
    };
    if (topic) ws.once("message", ready);
  });
}

/** The first client says something so many times. @returns milliseconds until every other has heard it all */
function blast({ messages, topic }: Extract<Question, { kind: "blast" }>): Promise<number> {
  heard = 0;
  wanted = messages * (open.length - 1);
  const payload = { type: "broadcast", event: "bench", payload: { text: "x".repeat(150) } };
  const text = JSON.stringify(["1", null, topic, "broadcast", payload]);
  const start = performance.now();
  return new Promise((resolve) => {
    onAll = () => resolve(performance.now() - start);
    for (let sent = 0; sent < messages; sent++) open[0]?.send(text);
  });
}
