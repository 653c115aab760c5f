import { type Bytes, concat, toHex } from "../bytes/index.ts";
import type { Step } from "../cipher.ts";
import type { Signer } from "../device-log/index.ts";
import { type Commit, decodeCommit, type EpochSecret, encodeCore, encodeList } from "../epoch/index.ts";
import {
  createRsaAes,
  type Group,
  type GroupEffect,
  type Row,
  type RsaAes,
  type Rules,
  startGroup,
  startRoom,
} from "../group/index.ts";
import { decodeMessage, type Payload } from "../message/index.ts";
import type { DeviceLogs, RoomChange } from "../room-log/index.ts";
import { TAGS } from "../tags.ts";
import { now, type Person, suite } from "./cast.ts";
import { add, create, logsOf, noRoot } from "./rooms.ts";

/** Stands for RSA, which takes a third of a second per key: who holds the private half is looked up. */
const boxes = new Map<string, { raw: Bytes; to: string; label: string }>();

export async function lockedSecret(): Promise<EpochSecret> {
  const raw = suite.random(32);
  const wrap: EpochSecret["wrap"] = async (targets) =>
    targets.map((target) => {
      const box = suite.random(384);
      boxes.set(toHex(box), { raw, to: toHex(target.wrap), label: toHex(target.label) });
      return box;
    });
  return { key: await suite.hmacKey(raw), wrap };
}

/** The raw secret in a wrap, for grants. */
export const rawOf = (wrap: Uint8Array): Bytes => boxes.get(toHex(wrap))?.raw as Bytes;

const unlocking = (wrapKey: Uint8Array) => async (wrapped: Uint8Array, label: Uint8Array) => {
  const box = boxes.get(toHex(wrapped));
  const fits = box && box.to === toHex(wrapKey) && box.label === toHex(label);
  return fits ? suite.hmacKey(box.raw) : null;
};

/** One device in one room. */
export interface Client {
  who: Person;
  device: Signer;
  cipher: RsaAes;
  state: Group;
  /** What its rows did, in their order. */
  effects: GroupEffect[];
}

/** An honest server with one room, until a test makes it lie. */
export interface World {
  room: Bytes;
  people: Person[];
  rows: Row[];
  /** By place of the commit, then by device id in hex. */
  wraps: Map<number, Map<string, Bytes>>;
}

export const logs = (world: World): DeviceLogs => logsOf(...world.people);

/** Everybody's word counts as it stands: a device log has grown. */
export function grown(world: World, who: Person): void {
  world.people = [...world.people.filter(({ log }) => log.root !== who.log.root), who];
}

export async function enter(
  world: Pick<World, "room">,
  who: Person,
  device = who.phone,
  rules: Rules = {},
): Promise<Client> {
  const wrapKey = who.log.keys.get(toHex(device.id))?.wrapKey ?? new Uint8Array();
  const self = { user: who.user, root: who.log.root, signer: device, unwrap: unlocking(wrapKey) };
  const cipher = createRsaAes(suite, { ...self, newSecret: lockedSecret }, rules);
  return { who, device, cipher, state: startGroup(await startRoom(suite, world.room)), effects: [] };
}

/** Reads what it has not read yet, up to `most` rows. */
export async function read(world: World, client: Client, most = world.rows.length): Promise<GroupEffect[]> {
  const effects: GroupEffect[] = [];
  while (client.state.room.transcript.place.seq < most) {
    const row = world.rows[client.state.room.transcript.place.seq] as Row;
    const wrap = world.wraps.get(row.place)?.get(toHex(client.device.id)) ?? null;
    const { state, effect } = await client.cipher.apply(client.state, row, { devices: logs(world), wrap });
    client.state = state;
    effects.push(effect);
  }
  client.effects.push(...effects);
  return effects;
}

export const given = (world: World) => ({ devices: logs(world), time: now() });

/** Appends rows as a database that took a step. */
export function post(world: World, { entries, commit, wraps }: Step): void {
  for (const bytes of entries) world.rows.push({ kind: "entry", bytes, place: world.rows.length + 1 });
  const place = world.rows.length + 1;
  world.rows.push({ kind: "commit", bytes: commit, place });
  world.wraps.set(place, new Map(wraps.map(({ device, wrap }) => [toHex(device), wrap])));
}

/** Changes the room, or only begins an epoch. */
export async function change(world: World, client: Client, ...changes: RoomChange[]): Promise<Step> {
  await read(world, client);
  const step = await client.cipher.change(client.state, changes, given(world));
  post(world, step);
  return step;
}

export async function messageRow(bytes: Bytes, place: number): Promise<Extract<Row, { kind: "message" }>> {
  const { header } = await decodeMessage(suite, bytes);
  return { kind: "message", bytes, columns: header, place };
}

export const text = (words: string): Payload => ({ kind: "text", reply: noRoot, text: words });

/** Encrypts and posts. @returns the message's hash. */
export async function say(
  world: World,
  client: Client,
  payload: Payload | string,
  id: Bytes = suite.random(16),
): Promise<Bytes> {
  const what = typeof payload === "string" ? text(payload) : payload;
  const sent = await client.cipher.encrypt(client.state, { id, payload: what }, given(world));
  client.state = sent.state;
  world.rows.push(await messageRow(sent.message, world.rows.length + 1));
  return sent.hash;
}

/** A group of these people, the first its owner, everybody up to date. */
export async function gather(
  people: Person[],
  options: { history?: "none" | "shared"; rules?: Rules } = {},
): Promise<{ world: World; clients: Client[] }> {
  const world: World = { room: suite.random(16), people, rows: [], wraps: new Map() };
  const clients = await Promise.all(people.map((who) => enter(world, who, who.phone, options.rules)));
  const [owner] = clients as [Client];
  const founding = create({ history: options.history ?? "none" });
  post(world, await owner.cipher.create(world.room, founding, given(world)));
  const others = people.slice(1).map((who) => add(who));
  if (others.length > 0) await change(world, owner, ...others);
  for (const client of clients) await read(world, client);
  return { world, clients };
}

/** What a client could read, in its order. */
export const heard = ({ effects }: Client): string[] =>
  effects.flatMap(({ payload }) => (payload?.kind === "text" ? [payload.text] : []));

/** A commit with something else in it, signed anew by `signer`. */
export async function forged(
  bytes: Bytes,
  signer: Signer,
  change: (commit: Commit) => Commit,
): Promise<Bytes> {
  const commit = change(decodeCommit(bytes).commit);
  const body = concat(encodeCore(commit), encodeList(commit.list));
  return concat(body, await signer.sign(TAGS.commitSig, await suite.hash(TAGS.commit, body)));
}

/** Appends a commit without its entries, and without wraps. */
export function postCommit(world: World, bytes: Bytes): void {
  post(world, { entries: [], commit: bytes, wraps: [] });
}

/** What the last row was for each of them. */
export async function verdicts(world: World, ...clients: Client[]) {
  const all = [];
  for (const client of clients) all.push((await read(world, client)).at(-1)?.verdict);
  return all;
}
