import { type Row, readAhead } from "../../sdk/src/crypto/group/index.ts";
import { decodeMessage } from "../../sdk/src/crypto/message/index.ts";
import { nodeCrypto } from "../../sdk/src/node/crypto.ts";
import { type Figure, median, round } from "../lib/result.ts";
import type { Messenger } from "./messages.ts";
import { seconds } from "./peers.ts";
import { given, hear, meet, type Room, take } from "./room.ts";

/** As many as the outbox sends at once. */
const BATCH = 50;
const ROUNDS = 3;

/** Ours, whole: sealed, signed and chained by one device; judged, verified and opened by another. */
export async function ours(name: string, crypto: Crypto): Promise<Messenger> {
  const room = await meet(10, crypto);
  const run = async (texts: readonly Uint8Array[]) => {
    let time = 0;
    for (let at = 0; at < texts.length; at += BATCH)
      time += await exchange(room, texts.slice(at, at + BATCH));
    return time;
  };
  return { name, count: 2000, run };
}

/** What is sealed has 256 bytes before padding, as elsewhere. */
const payloadOf = (text: Uint8Array) =>
  ({ kind: "text", reply: new Uint8Array(32), text: Buffer.from(text).toString("hex", 0, 104) }) as const;

async function exchange(room: Room, texts: readonly Uint8Array[]): Promise<number> {
  const { suite, ada, ben } = room;
  const sent: Uint8Array[] = [];
  const sealing = await seconds(async () => {
    const messages = texts.map((text) => ({ id: suite.random(16), payload: payloadOf(text) }));
    const made = await ada.cipher.encryptAll(ada.state, messages, given(room));
    ada.state = made.state;
    sent.push(...made.sent.map(({ message }) => message));
  });
  const rows: Row[] = [];
  for (const bytes of sent) {
    const place = ada.state.room.transcript.place.seq + rows.length + 1;
    rows.push({ kind: "message", bytes, columns: (await decodeMessage(suite, bytes)).header, place });
  }
  const opening = await seconds(async () => {
    for (const row of readAhead(suite, ben.state, rows, room.devices)) {
      const { payload } = await hear(room, ben, row);
      if (payload?.kind !== "text") throw new Error("bench: a message of ours does not open");
    }
  });
  for (const row of rows) await hear(room, ada, row);
  return sealing + opening;
}

/** A new epoch for rooms of some sizes: made by one device, judged and opened by another. */
export async function commits(sizes: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const room = await meet(size, nodeCrypto);
    const [making, taking]: [number[], number[]] = [[], []];
    for (let time = 0; time < ROUNDS; time++) {
      let step = await room.ada.cipher.change(room.ada.state, [], given(room));
      making.push(
        await seconds(async () => {
          step = await room.ada.cipher.change(room.ada.state, [], given(room));
        }),
      );
      taking.push((await seconds(() => take(room, step))) / 2);
    }
    const goal = size === 1000 ? { goal: "<= 500" } : {};
    figures.push(
      {
        name: `commit for ${size} devices, made`,
        value: round(median(making) * 1000, 1),
        unit: "ms",
        ...goal,
      },
      {
        name: `commit for ${size} devices, judged and opened`,
        value: round(median(taking) * 1000, 1),
        unit: "ms",
      },
    );
  }
  return figures;
}
