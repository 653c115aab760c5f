import { once } from "node:events";
import WebSocket from "ws";
import type { Stack } from "../stack/src/index.ts";
import { type Figure, median, round } from "./lib/result.ts";

const rounds = 500;

interface Kind {
  name: string;
  topic: string;
  payload: object;
  times: number[];
}

/** What the answer to a join takes: of a public channel, of one for a person, and of one whose policies are asked. */
export async function joins({ env }: Stack): Promise<Figure[]> {
  const { token, topic } = await makeListener(env);
  const kinds: Kind[] = [
    { name: "public, with the key", topic: "bench", payload: {}, times: [] },
    { name: "public, as a person", topic: "bench", payload: { access_token: token }, times: [] },
    { name: "private", topic, payload: { access_token: token, config: { private: true } }, times: [] },
  ];
  const url = `${env.API_URL.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=${env.PUBLISHABLE_KEY}`;
  const ws = new WebSocket(url);
  await once(ws, "open");
  const ask = asker(ws);
  for (let turn = 0; turn < rounds; turn++) {
    for (const kind of kinds) {
      const start = performance.now();
      const status = await ask(`realtime:${kind.topic}`, "phx_join", kind.payload);
      kind.times.push(performance.now() - start);
      if (status !== "ok") throw new Error(`a join (${kind.name}) was answered with ${status}; wanted ok`);
      await ask(`realtime:${kind.topic}`, "phx_leave", {});
    }
  }
  ws.terminate();
  const [open, , closed] = kinds.map(({ times }) => median(times));
  return [
    ...kinds.map(({ name, times }) => ({
      name: `a join: ${name}`,
      value: round(median(times), 2),
      unit: "ms",
    })),
    { name: "a join: what its policies cost", value: round((closed ?? 0) - (open ?? 0), 2), unit: "ms" },
  ];
}

/** Sends a frame, and resolves with the status of its reply. */
function asker(ws: WebSocket): (topic: string, event: string, payload: object) => Promise<string> {
  const waiting = new Map<string, (status: string) => void>();
  ws.on("message", (data) => {
    const [, ref, , event, payload] = JSON.parse(data.toString());
    if (event === "phx_reply") waiting.get(ref)?.(payload.status);
    waiting.delete(ref);
  });
  let last = 0;
  return (topic, event, payload) => {
    const ref = String(++last);
    ws.send(JSON.stringify([ref, ref, topic, event, payload]));
    return new Promise((resolve) => waiting.set(ref, resolve));
  };
}

/** Somebody with an account, and where their devices listen. */
async function makeListener(env: Stack["env"]): Promise<{ token: string; topic: string }> {
  const email = `listener-${Date.now()}@example.org`;
  const password = "correct horse battery 1";
  const metadata = { username: `listener${Date.now().toString(36)}` };
  const account = { email, password, email_confirm: true, user_metadata: metadata };
  await post(env, "/auth/v1/admin/users", env.SECRET_KEY, account);
  const credentials = { email, password };
  const session = await post(env, "/auth/v1/token?grant_type=password", env.PUBLISHABLE_KEY, credentials);
  const token = String(session.access_token);
  const { topic } = await post(env, "/rest/v1/rpc/my_topic", env.PUBLISHABLE_KEY, {}, token);
  return { token, topic: String(topic) };
}

async function post(
  env: Stack["env"],
  target: string,
  key: string,
  body: object,
  token?: string,
): Promise<Record<string, unknown>> {
  const headers = {
    apikey: key,
    "content-type": "application/json",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const answer = await fetch(env.API_URL + target, { method: "POST", headers, body: JSON.stringify(body) });
  const json = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`${target} answered ${answer.status}: ${JSON.stringify(json)}`);
  return json;
}
