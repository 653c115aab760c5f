import { createTrackIt, type TrackIt } from "../../sdk/src/index.ts";
import { nodeCrypto } from "../../sdk/src/node/crypto.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { type Figure, median, round } from "../lib/result.ts";
import type { BenchStack } from "../lib/stack.ts";
import { type Account, makeAccounts } from "./accounts.ts";

const MESSAGES = 2000;
const READERS = 3;

interface Reader {
  trackit: TrackIt;
  account: Account;
  /** When a request was under way, in milliseconds. */
  asked: [from: number, to: number][];
}

/**
 * 2,000 messages opened from the database by devices that have never opened the room: by members, and by one who came
 * later and has no key, so that everything is judged and nothing opened.
 */
export async function history(stack: BenchStack): Promise<Figure[]> {
  const accounts = await makeAccounts(stack, READERS + 2, "reader");
  const clients: Reader[] = [];
  for (const account of accounts) clients.push(await enter(stack, account));
  const [writer, later, ...readers] = clients as [Reader, Reader, ...Reader[]];
  const room = await writer.trackit.rooms.create({
    name: "Bench",
    members: readers.map(({ account }) => account.id),
  });
  const start = performance.now();
  for (let said = 0; said < MESSAGES; said += 200)
    await Promise.all(Array.from({ length: 200 }, (_, at) => room.send(`${said + at} `.padEnd(256, "x"))));
  const writing = performance.now() - start;
  await room.add(later.account.id);
  const [total, waiting]: [number[], number[]] = [[], []];
  for (const reader of readers) {
    const took = await open(reader, room.id, MESSAGES);
    total.push(took.total);
    waiting.push(took.waiting);
  }
  const unopened = await open(later, room.id, 0);
  await Promise.all(clients.map(({ trackit }) => trackit.close()));
  const of = `${MESSAGES.toLocaleString("en")} messages`;
  return [
    { name: `${of} sent by the SDK`, value: round((MESSAGES * 1000) / writing), unit: "messages/s" },
    { name: `${of} opened`, value: round(median(total)), unit: "ms" },
    { name: `${of} opened: waiting for HTTP`, value: round(median(waiting)), unit: "ms" },
    { name: `${of} without a key: read and judged alone`, value: round(unopened.total), unit: "ms" },
    { name: `${of} without a key: waiting for HTTP`, value: round(unopened.waiting), unit: "ms" },
  ];
}

async function enter(stack: BenchStack, account: Account): Promise<Reader> {
  const asked: Reader["asked"] = [];
  const counting: typeof fetch = async (...request) => {
    const from = performance.now();
    try {
      const answer = await fetch(...request);
      const body = await answer.arrayBuffer();
      return new Response(body.byteLength > 0 ? body : null, answer);
    } finally {
      asked.push([from, performance.now()]);
    }
  };
  const keystore = memoryKeystore(account.email);
  const trackit = createTrackIt({
    url: stack.url,
    key: stack.publishableKey,
    crypto: nodeCrypto,
    fetch: counting,
    chat: { keystore },
  });
  await trackit.auth.signIn({ email: account.email, password: account.password });
  await trackit.devices.me();
  return { trackit, account, asked };
}

/** Opens the room, and makes sure of what came of it. */
async function open(
  { trackit, asked }: Reader,
  id: string,
  readable: number,
): Promise<{ total: number; waiting: number }> {
  asked.length = 0;
  const start = performance.now();
  const room = await trackit.rooms.get(id);
  const total = performance.now() - start;
  const waiting = union(asked);
  const all = await room.history().toArray();
  const opened = all.filter(({ text }) => text !== "").length;
  if (all.length !== MESSAGES || opened !== readable)
    throw new Error(`${opened} of ${all.length} messages were opened; wanted ${readable} of ${MESSAGES}`);
  return { total, waiting };
}

/** How long at least one was under way. */
function union(times: readonly (readonly [number, number])[]): number {
  let [sum, until] = [0, 0];
  for (const [from, to] of [...times].sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
