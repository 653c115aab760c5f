import type { Message, Room } from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Keystore } from "../../sdk/src/store/keys/types.ts";
import { Inbox } from "./realtime-wait.ts";
import { PASSWORD, type Person, type SdkKit } from "./sdk-kit.ts";

// A row that the server loses on its way shall cost a test seconds, not the half minute that it costs an app.
clocks.headCheck = 3_000;

export interface Talker extends Person {
  keystore: Keystore;
}

/** Somebody who has signed in on a device with keys; making them takes a third of a second. */
export async function talker(
  kit: SdkKit,
  name: string,
  options: { fetch?: typeof fetch } = {},
): Promise<Talker> {
  const keystore = memoryKeystore(name);
  const person = await kit.join(name, kit.trackit({ ...options, chat: { keystore } }));
  await person.trackit.devices.me();
  return { ...person, keystore };
}

/** The same device after a restart: another client, the same keys. */
export async function restarted(kit: SdkKit, { email, keystore, ...who }: Talker): Promise<Talker> {
  await who.trackit.close();
  const trackit = kit.trackit({ chat: { keystore } });
  await trackit.auth.signIn({ email, password: PASSWORD });
  return { ...who, email, keystore, trackit };
}

/** What a room tells, for a test to take. */
export function listen(room: Room): { said: Inbox<Message>; changed: Inbox<Message> } {
  const [said, changed] = [new Inbox<Message>(), new Inbox<Message>()];
  room.on("message", said.put);
  room.on("change", changed.put);
  return { said, changed };
}

/** The texts of a room, oldest first; in brackets what stands where there is none. */
export async function texts(room: Room): Promise<string[]> {
  const all = await room.history().toArray();
  return all.map(({ text, status, content }) => (content ? text : `[${status}]`)).reverse();
}
