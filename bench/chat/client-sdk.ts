import { createTrackIt, type Room } from "../../sdk/src/index.ts";
import { nodeCrypto } from "../../sdk/src/node/crypto.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Client, Heard, Seat } from "./protocol.ts";

type SdkSeat = Extract<Seat, { kind: "sdk" }>;

/** The whole path: sealed and signed, and at each member judged and opened. */
export async function sit({ url, key, email, password }: SdkSeat, heard: Heard): Promise<Client> {
  const trackit = createTrackIt({ url, key, crypto: nodeCrypto, chat: { keystore: memoryKeystore(email) } });
  await trackit.auth.signIn({ email, password });
  await trackit.devices.me();
  let room: Room | null = null;
  return {
    enter: async (id, members) => {
      room = id ? await trackit.rooms.get(id) : await trackit.rooms.create({ name: "Bench", members });
      room.on("message", ({ from, text }) => {
        if (!from.own) heard(text);
      });
      return room.id;
    },
    // An own message is told before it is sent: here it counts as heard once it stands in the room.
    say: async (texts) => {
      await Promise.all(texts.map(async (text) => heard((await room?.send(text))?.text ?? "")));
    },
  };
}
