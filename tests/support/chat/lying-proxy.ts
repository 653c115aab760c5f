import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { decodeJwt } from "jose";
import WebSocket, { WebSocketServer } from "ws";

/** A call of one of the database's functions, as it goes by. */
export interface Call {
  name: string;
  args: Record<string, unknown>;
  /** The account that asks; null for nobody. */
  by: string | null;
}

/** What a lie makes of an answer; what it gives back is told instead, and for undefined the answer is lost. */
export type Lie<Answer = never> = (answer: Answer, call: Call) => unknown;

interface Told {
  name: string;
  to: string | null;
  asked?: (args: never) => unknown;
  answered?: Lie;
  /** How often it was told. */
  times: number;
}

export interface LyingProxy {
  url: string;
  /**
   * From now on what that function answers is changed on its way; of several lies the first that fits is told.
   *
   * @param to The account that is lied to; null for everybody.
   * @returns How often it was told, and its end.
   */
  answers<Answer>(name: string, to: string | null, lie: Lie<Answer>): Told & { stop(): void };
  /** The same for what is asked, before the database hears it; null: it never does, and no answer comes. */
  asks<Args>(name: string, by: string | null, lie: (args: Args) => unknown): Told & { stop(): void };
  /** Keeps what is told on topics from that account. */
  silence(to: string, isSilent?: (topic: string) => boolean): () => void;
  /** Changes what is told on topics to that account, as the text of its frame. */
  retells(to: string, change: (frame: string) => string): () => void;
  /** The truth again. */
  honest(): void;
  close(): Promise<void>;
}

/** A server between devices and the stack that says whatever it likes, to whom it likes. */
export async function lyingProxy(target: string): Promise<LyingProxy> {
  let lies: Told[] = [];
  /** By account: what becomes of a broadcast's frame on its way there; null where it does not arrive. */
  const ears = new Map<string, (topic: string, frame: string) => string | null>();
  const server = createServer((request, response) => {
    void pass(target, request, response, (call) => lies.filter((lie) => fits(lie, call))).catch(() =>
      response.destroy(),
    );
  });
  const sockets = bridge(target, (who, topic, frame) => {
    const ear = ears.get(who);
    return ear ? ear(topic, frame) : frame;
  });
  server.on("upgrade", sockets.upgrade);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const tell = (lie: Omit<Told, "times">): Told & { stop(): void } => {
    const stop = (): void => {
      lies = lies.filter((one) => one !== told);
    };
    const told = Object.assign(lie, { times: 0, stop });
    lies.push(told);
    return told;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    answers: (name, to, answered) => tell({ name, to, answered }),
    asks: (name, to, asked) => tell({ name, to, asked }),
    silence(to, isSilent = () => true) {
      ears.set(to, (topic, frame) => (isSilent(topic) ? null : frame));
      return () => void ears.delete(to);
    },
    retells(to, change) {
      ears.set(to, (_, frame) => change(frame));
      return () => void ears.delete(to);
    },
    honest() {
      lies = [];
      ears.clear();
    },
    close() {
      sockets.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const fits = ({ name, to }: Told, call: Call): boolean =>
  name === call.name && (to === null || to === call.by);

async function pass(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  liesFor: (call: Call) => Told[],
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  let body = Buffer.concat(parts);
  const call = callIn(request, body);
  const lies = call ? liesFor(call) : [];
  const asked = lies.find((lie) => lie.asked);
  if (call && asked) {
    asked.times += 1;
    const args = await asked.asked?.(call.args as never);
    if (args === null) return void response.destroy();
    body = Buffer.from(JSON.stringify(args));
  }
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? "GET",
    headers: headersOf(request),
    redirect: "manual",
    ...(body.length > 0 ? { body } : {}),
  });
  const text = Buffer.from(await answer.arrayBuffer());
  const answered = answer.ok ? lies.find((lie) => lie.answered) : undefined;
  if (answered && call) answered.times += 1;
  const lie = answered && call ? await answered.answered?.(JSON.parse(String(text)) as never, call) : null;
  if (lie === undefined) return void response.destroy();
  const told = answered ? Buffer.from(JSON.stringify(lie)) : text;
  const {
    "content-encoding": _,
    "content-length": __,
    "transfer-encoding": ___,
    ...head
  } = Object.fromEntries(answer.headers);
  response.writeHead(answer.status, { ...head, "content-length": told.length });
  response.end(told);
}

/** Headers that are for the next hop alone stay behind. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const { connection: _, host: __, "content-length": ___, ...rest } = headers;
  return { ...(rest as Record<string, string>), "accept-encoding": "identity" };
}

function callIn({ url = "", headers }: IncomingMessage, body: Buffer): Call | null {
  const name = /^\/rest\/v1\/rpc\/(\w+)/.exec(url)?.[1];
  if (!name) return null;
  const args = body.length > 0 ? (JSON.parse(String(body)) as Record<string, unknown>) : {};
  return { name, args, by: subjectOf(headers.authorization?.replace(/^Bearer /, "")) };
}

function subjectOf(token: unknown): string | null {
  try {
    return decodeJwt(String(token)).sub ?? null;
  } catch {
    return null;
  }
}

/** Realtime's socket, frame by frame: whose it is, the token in its joins says. */
function bridge(target: string, tell: (who: string, topic: string, frame: string) => string | null) {
  const accepting = new WebSocketServer({ noServer: true });
  const open = new Set<WebSocket>();
  const upgrade: Parameters<typeof accepting.handleUpgrade> extends [infer R, infer S, infer H, unknown]
    ? (request: R, socket: S, head: H) => void
    : never = (request, socket, head) => {
    accepting.handleUpgrade(request, socket, head, (near) => {
      const far = new WebSocket(`${target.replace("http", "ws")}${request.url}`);
      for (const one of [near, far]) open.add(one.on("error", () => {}));
      const waiting: [data: WebSocket.RawData, binary: boolean][] = [];
      let who = "";
      near.on("message", (data, binary) => {
        if (!binary) who = subjectOf(/"access_token":"([^"]+)"/.exec(String(data))?.[1]) ?? who;
        if (far.readyState === WebSocket.OPEN) far.send(data, { binary });
        else waiting.push([data, binary]);
      });
      far.on("open", () => {
        for (const [data, binary] of waiting.splice(0)) far.send(data, { binary });
      });
      far.on("message", (data, binary) => {
        if (near.readyState !== WebSocket.OPEN) return;
        const topic = binary ? "" : heard(String(data));
        if (topic === "") return near.send(data, { binary });
        const told = tell(who, topic, String(data));
        if (told !== null) near.send(told);
      });
      near.on("close", () => far.close());
      far.on("close", () => near.close());
    });
  };
  return {
    upgrade,
    close: () => {
      for (const one of open) one.terminate();
    },
  };
}

/** The topic of a frame that carries a broadcast; of any other none, since channels need their answers. */
function heard(frame: string): string {
  const parts = JSON.parse(frame) as unknown;
  const [topic, event] = Array.isArray(parts)
    ? [parts[2], parts[3]]
    : [(parts as { topic?: string }).topic, (parts as { event?: string }).event];
  return event === "broadcast" ? String(topic) : "";
}
