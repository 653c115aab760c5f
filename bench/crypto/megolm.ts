import type { Messenger } from "./messages.ts";
import { peer, seconds } from "./peers.ts";

interface Request {
  id: string;
  type: number;
  body: string;
}
interface Machine {
  outgoingRequests(): Promise<Request[]>;
  markRequestAsSent(id: string, type: number, answer: string): Promise<true>;
  updateTrackedUsers(users: unknown[]): Promise<void>;
  getMissingSessions(users: unknown[]): Promise<Request | null>;
  shareRoomKey(room: unknown, users: unknown[], settings: unknown): Promise<Request[]>;
  receiveSyncChanges(
    events: string,
    changed: unknown,
    counts: Map<string, number>,
    unused: undefined,
    settings: unknown,
  ): Promise<unknown>;
  encryptRoomEvent(room: unknown, type: string, content: string): Promise<string>;
  decryptRoomEvent(event: string, room: unknown, settings: unknown): Promise<unknown>;
}
interface MatrixCrypto {
  initAsync(): Promise<void>;
  UserId: new (text: string) => unknown;
  DeviceId: new (text: string) => unknown;
  RoomId: new (text: string) => unknown;
  DeviceLists: new () => unknown;
  EncryptionSettings: new () => { rotationPeriodMessages: bigint };
  DecryptionSettings: new (trust: number) => unknown;
  OlmMachine: { initialize(user: unknown, device: unknown): Promise<Machine> };
}

interface Party {
  user: string;
  device: string;
  machine: Machine;
  deviceKeys: unknown;
  oneTimeKeys: Record<string, unknown>;
}
const UPLOAD = 0;
const QUERY = 1;

/** Megolm by the library of Matrix's own clients: one session key, shared once, then a ratchet. */
export async function megolm(): Promise<Messenger | null> {
  const lib = await peer<MatrixCrypto>("@matrix-org/matrix-sdk-crypto-wasm");
  if (!lib) return null;
  await lib.initAsync();
  const [ada, ben] = await Promise.all([join(lib, "ada"), join(lib, "ben")]);
  const room = new lib.RoomId("!room:bench.invalid");
  // A call takes its settings away from JavaScript.
  const settings = () => new lib.DecryptionSettings(0);
  await shareKey(lib, ada, ben, room, settings());
  const run = (texts: readonly Uint8Array[]) =>
    seconds(async () => {
      const sent: string[] = [];
      for (const text of texts) {
        const content = JSON.stringify({ msgtype: "m.text", body: Buffer.from(text).toString("latin1") });
        sent.push(await ada.machine.encryptRoomEvent(room, "m.room.message", content));
      }
      for (const [at, content] of sent.entries()) {
        await ben.machine.decryptRoomEvent(eventOf(ada.user, at, content), room, settings());
      }
    });
  return { name: "Megolm, matrix-sdk-crypto-wasm", count: 2000, run };
}

let events = 0;
const eventOf = (sender: string, at: number, content: string) =>
  JSON.stringify({
    type: "m.room.encrypted",
    event_id: `$event-${events++}-${at}:bench.invalid`,
    sender,
    origin_server_ts: Date.now(),
    room_id: "!room:bench.invalid",
    content: JSON.parse(content) as unknown,
    unsigned: {},
  });

/** A machine whose keys are "at the server". */
async function join(lib: MatrixCrypto, name: string): Promise<Party> {
  const [user, device] = [`@${name}:bench.invalid`, name.toUpperCase()];
  const machine = await lib.OlmMachine.initialize(new lib.UserId(user), new lib.DeviceId(device));
  const party: Party = { user, device, machine, deviceKeys: null, oneTimeKeys: {} };
  for (const request of await machine.outgoingRequests()) {
    if (request.type !== UPLOAD) continue;
    const body = JSON.parse(request.body) as { device_keys: unknown; one_time_keys: Record<string, unknown> };
    party.deviceKeys = body.device_keys;
    party.oneTimeKeys = body.one_time_keys;
    await machine.markRequestAsSent(
      request.id,
      request.type,
      '{"one_time_key_counts":{"signed_curve25519":50}}',
    );
  }
  return party;
}

/** What the server would carry: ben's keys to ada, ada's session to ben. */
async function shareKey(lib: MatrixCrypto, ada: Party, ben: Party, room: unknown, settings: unknown) {
  const users = () => [new lib.UserId(ben.user)];
  await ada.machine.updateTrackedUsers(users());
  for (const request of await ada.machine.outgoingRequests()) {
    if (request.type !== QUERY) continue;
    const keys = Object.fromEntries([ada, ben].map((one) => [one.user, { [one.device]: one.deviceKeys }]));
    await ada.machine.markRequestAsSent(
      request.id,
      request.type,
      JSON.stringify({ device_keys: keys, failures: {} }),
    );
  }
  const claim = await ada.machine.getMissingSessions(users());
  if (claim) {
    const [name, key] = Object.entries(ben.oneTimeKeys)[0] ?? [""];
    const answer = { one_time_keys: { [ben.user]: { [ben.device]: { [name]: key } } }, failures: {} };
    await ada.machine.markRequestAsSent(claim.id, claim.type, JSON.stringify(answer));
  }
  const encryption = new lib.EncryptionSettings();
  encryption.rotationPeriodMessages = 10_000_000n;
  for (const request of await ada.machine.shareRoomKey(room, users(), encryption)) {
    const { messages } = JSON.parse(request.body) as { messages: Record<string, Record<string, unknown>> };
    const content = messages[ben.user]?.[ben.device];
    const event = { type: "m.room.encrypted", sender: ada.user, content };
    const changed = new lib.DeviceLists();
    await ben.machine.receiveSyncChanges(JSON.stringify([event]), changed, new Map(), undefined, settings);
    await ada.machine.markRequestAsSent(request.id, request.type, "{}");
  }
}
