import { once } from "node:events";
import WebSocket from "ws";
import { message } from "../../tests/sql/support/rooms.ts";
import type { Client, Heard, Seat } from "./protocol.ts";

type TrackitSeat = Extract<Seat, { kind: "trackit" }>;

/** A sealed message is header, length, 16-byte tag and ciphertext of at least 312 bytes, and a signature. */
const BODY = 328;
const BODY_AT = 223;

/**
 * The path over the server alone: rows as long as sealed ones, sent by RPC and heard on a socket, where they are only
 * looked through for their bytes.
 */
export async function sit(seat: TrackitSeat, heard: Heard): Promise<Client> {
  const socket = new WebSocket(
    `${seat.url.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=${seat.key}`,
    { perMessageDeflate: false },
  );
  await once(socket, "open");
  const payload = { access_token: seat.token, config: { private: true } };
  socket.send(JSON.stringify(["1", "1", `realtime:${seat.topic}`, "phx_join", payload]));
  const [reply] = (await once(socket, "message")) as [Buffer];
  if (!reply.toString().includes('"status":"ok"')) throw new Error(`a join was refused: ${reply}`);
  socket.on("message", (data: Buffer) => {
    const said = saidIn(data.toString("latin1"));
    if (said !== null) heard(said);
  });
  // A silent connection is given up after a minute.
  const beat = JSON.stringify([null, "2", "phoenix", "heartbeat", {}]);
  setInterval(() => socket.send(beat), 25_000);
  socket.on("close", (code) => {
    throw new Error(`Realtime hung up with ${code}`);
  });
  const sender = { id: seat.userId };
  // Numbers of this device that no round before has used.
  let last = Date.now();
  return {
    say: async (texts) => {
      const messages = texts.map((text) => {
        const bytes = message(seat.room, sender, { epoch: 1, seq: ++last, size: BODY });
        bytes.write(text, BODY_AT, "latin1");
        return bytes.toString("base64url");
      });
      await ask(seat, "send_messages", { room: seat.room, messages });
    },
  };
}

/** Calls a function of the database as supabase-js does. */
export async function ask<Answer>(
  { url, key, token }: Pick<TrackitSeat, "url" | "key" | "token">,
  name: string,
  args: object,
): Promise<Answer> {
  const answer = await fetch(`${url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { apikey: key, authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(args),
  });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${name} was answered with ${answer.status}: ${body}`);
  return (body === "" ? null : JSON.parse(body)) as Answer;
}

/** The text in the bytes of a row that was told; null in what is none. Four letters are three bytes. */
function saidIn(frame: string): string | null {
  const bytes = /"bytes": ?"/.exec(frame);
  if (!bytes) return null;
  const from = bytes.index + bytes[0].length + Math.floor(BODY_AT / 3) * 4;
  return Buffer.from(frame.slice(from, from + 348), "base64url").toString("latin1", BODY_AT % 3);
}
