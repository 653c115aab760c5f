import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient } from "@supabase/supabase-js";
import pg from "pg";
import WebSocket, { WebSocketServer } from "ws";
import { type Stack, startStack } from "../stack/src/index.ts";
import type { Question } from "./lib/listeners.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";
import { root } from "./lib/stack.ts";

const many = 1_000_000;
const config = {
  realtime: { max_concurrent_users: many, max_events_per_second: many, max_joins_per_second: many },
  edge_runtime: { enabled: false },
};

/** From a write in the database to the callback of supabase-js, and one message to many sockets. */
export async function run(): Promise<Result> {
  const options = { project: root, ephemeral: true, port: 0, web: false, seed: false, config };
  const stack = await startStack(options);
  try {
    const figures = [
      ...(await latency(stack)),
      ...(await fanOut(stack, 200)),
      ...(await fanOut(stack, 1000)),
    ];
    return { what: "Realtime: insert to callback, and fan-out, beside what it is made of", figures };
  } finally {
    await stack.stop();
  }
}

const rounds = 500;

/** A message from the database to a callback, and the same way by LISTEN and NOTIFY, which carry no policy. */
async function latency({ env }: Stack): Promise<Figure[]> {
  const db = new pg.Client({ connectionString: env.DB_URL });
  const listener = new pg.Client({ connectionString: env.DB_URL });
  await Promise.all([db.connect(), listener.connect()]);
  const client = createClient(env.API_URL, env.PUBLISHABLE_KEY, {
    realtime: { transport: WebSocket as never },
  });
  let heard = () => {};
  const channel = client.channel("bench").on("broadcast", { event: "bench" }, () => heard());
  await new Promise<void>((resolve) => channel.subscribe(() => resolve()));
  await listener.query("listen bench");
  listener.on("notification", () => heard());
  const time = async (sql: string) => {
    const start = performance.now();
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await Promise.all([db.query(sql), arrived]);
    return performance.now() - start;
  };
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < rounds; turn++) {
    ours.push(await time("select realtime.send('{\"n\":1}', 'bench', 'bench', false)"));
    bare.push(await time("select pg_notify('bench', '{\"n\":1}')"));
  }
  await client.removeAllChannels();
  client.realtime.disconnect();
  await Promise.all([db.end(), listener.end()]);
  const p99 = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
  return [
    { name: "insert to callback, p50", value: round(median(ours), 2), unit: "ms" },
    { name: "insert to callback, p99", value: round(p99(ours), 2), unit: "ms" },
    { name: "bare LISTEN/NOTIFY, p50", value: round(median(bare), 2), unit: "ms" },
    { name: "bare LISTEN/NOTIFY, p99", value: round(p99(bare), 2), unit: "ms" },
    {
      name: "callback / LISTEN, p50",
      value: round(median(ours) / median(bare), 2),
      unit: "ratio",
      goal: "<= 3",
    },
  ];
}

/** One broadcasts, so many hear: our server, and one of bare `ws` that passes on what it gets. */
async function fanOut({ env }: Stack, receivers: number): Promise<Figure[]> {
  const messages = Math.round(100_000 / receivers);
  const url = `${env.API_URL.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=${env.PUBLISHABLE_KEY}`;
  const topic = `realtime:fan-${receivers}`;
  const before = heldMiB();
  const ours = await measure(url, topic, receivers, messages, async (opened) => {
    return [
      { name: `1 to ${receivers}: joins`, value: round((receivers / opened) * 1000), unit: "joins/s" },
      {
        name: `1 to ${receivers}: memory of the sockets`,
        value: round(heldMiB() - before, 1),
        unit: "MiB",
      },
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
