import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocketServer } from "ws";
import type { Stack } from "../stack/src/index.ts";
import type { Question } from "./lib/listeners.ts";
import { type Figure, median, round } from "./lib/result.ts";

/** One broadcasts, so many hear: our server, and one of bare `ws` that passes on what it gets. */
export async function fanOut({ env }: Stack, receivers: number): Promise<Figure[]> {
  const messages = Math.round(100_000 / receivers);
  const url = `${env.API_URL.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=${env.PUBLISHABLE_KEY}`;
  const topic = `realtime:fan-${receivers}`;
  const before = heldMiB();
  const ours = await measure(url, topic, receivers, messages, async (opened) => {
    return [
      {
        name: `${receivers} connections and joins`,
        value: round((receivers / opened) * 1000),
        unit: "joins/s",
      },
      { name: `${receivers} idle sockets: memory`, value: round(heldMiB() - before, 1), unit: "MiB" },
    ];
  });
  const server = await bareServer();
  const bareUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bare = await measure(bareUrl, null, receivers, messages, async () => []);
  await new Promise((resolve) => server.close(resolve));
  const goal = receivers === 200 ? { goal: ">= 80000" } : {};
  return [
    ...ours.figures,
    { name: `1 to ${receivers}: deliveries`, value: ours.rate, unit: "/s", ...goal },
    { name: `1 to ${receivers}: bare ws`, value: bare.rate, unit: "/s" },
    {
      name: `1 to ${receivers}: of bare ws`,
      value: round(ours.rate / bare.rate, 2),
      unit: "ratio",
      goal: ">= 0.7",
    },
  ];
}

async function measure(
  url: string,
  topic: string | null,
  receivers: number,
  messages: number,
  whileIdle: (opened: number) => Promise<Figure[]>,
): Promise<{ rate: number; figures: Figure[] }> {
  const child = fork(path.join(import.meta.dirname, "lib", "listeners.ts"));
  try {
    const opened = await ask(child, { kind: "open", url, count: receivers + 1, topic });
    const figures = await whileIdle(opened);
    const rates: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const took = await ask(child, { kind: "blast", messages, topic: topic ?? "" });
      // The first warms both sides up.
      if (turn > 0) rates.push((messages * receivers * 1000) / took);
    }
    return { rate: round(median(rates)), figures };
  } finally {
    child.kill();
  }
}

function ask(child: ChildProcess, question: Question): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("message", (answer) => resolve(Number(answer)));
    child.once("exit", () => reject(new Error("the clients' process ended")));
    child.send(question);
  });
}

async function bareServer(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (ws) => {
    ws.on("message", (data) => {
      const text = data.toString();
      for (const one of server.clients) if (one !== ws) one.send(text);
    });
  });
  await once(server, "listening");
  return server;
}

/** What is held after a collection, in and outside of the heap. */
function heldMiB(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
