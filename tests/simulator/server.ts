import { type Bytes, concat, toHex } from "../../sdk/src/crypto/bytes/index.ts";
import type { Row } from "../../sdk/src/crypto/group/index.ts";
import { encodeRoomEntry } from "../../sdk/src/crypto/room-log/index.ts";
import type { Client } from "./client.ts";
import { slipIn } from "./people.ts";
import type { View, World } from "./world.ts";

/** What a server can do that lies: each is done to those who have not read that far, and only to them. */
export const LIES: Record<string, (world: World) => Promise<void> | void> = {
  fork,
  tamper,
  "hold device logs back": holdBack,
  "slip a device in": async (world) =>
    slipIn(world, world.dice.pick(world.people) as World["people"][number]),
  "spoil a wrap": spoilWrap,
  "show a row of another view": cross,
  "take the columns of another message": columns,
  "mark somebody erased": mark,
};

const flip = (world: World, bytes: Bytes): Bytes => {
  const at = world.dice.below(bytes.length);
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ (1 << world.dice.below(8)) : byte));
};

/** How far everybody who is shown this view has read. */
const readBy = (clients: readonly Client[]) => Math.max(0, ...clients.map(({ place }) => place));

function numbered(rows: readonly Row[]): Row[] {
  return rows.map((row, at) => ({ ...row, place: at + 1 }));
}

/** The rows anew from `from` on; wraps stay with their commits. */
function rewrite(view: View, rows: readonly Row[]): void {
  const wraps = new Map<number, Map<string, Bytes>>();
  for (const [at, row] of rows.entries()) {
    const own = view.wraps.get(row.place);
    if (own) wraps.set(at + 1, own);
  }
  view.rows = numbered(rows);
  view.wraps = wraps;
}

/** Some are shown another history from here on: rows are left out, exchanged, changed or shown twice. */
function fork(world: World): void {
  const { dice, clients, views } = world;
  const source = dice.below(views.length);
  const moved = clients.filter(({ view }) => view === source && dice.chance(0.5));
  const view = views[source];
  if (!view || moved.length === 0 || views.length > 4) return;
  const from = readBy(moved);
  const twin: View = { rows: [...view.rows], wraps: new Map(view.wraps) };
  distort(world, twin, from);
  views.push(twin);
  for (const client of moved) client.view = views.length - 1;
}

/** The same, for everybody who has not read that far. */
function tamper(world: World): void {
  const { dice, clients, views } = world;
  const at = dice.below(views.length);
  const view = views[at];
  if (view) distort(world, view, readBy(clients.filter((client) => client.view === at)));
}

function distort(world: World, view: View, from: number): void {
  const { dice } = world;
  const [read, open] = [view.rows.slice(0, from), view.rows.slice(from)];
  const at = dice.below(open.length);
  const row = open[at];
  const how = dice.below(5);
  if (row && how === 0) open.splice(at, 1);
  if (row && how === 1 && at > 0) open.splice(at - 1, 2, row, open[at - 1] as Row);
  if (row && how === 2) open[at] = { ...row, bytes: flip(world, new Uint8Array(row.bytes)) };
  const old = dice.pick(view.rows);
  if (old && how === 3) open.splice(dice.below(open.length + 1), 0, old);
  if (how === 4) open.length = Math.min(open.length, at);
  rewrite(view, [...read, ...open]);
}

function holdBack(world: World): void {
  const client = world.dice.pick(world.clients);
  const person = world.dice.pick(world.people);
  if (!client || !person) return;
  const key = toHex(person.user);
  if (client.withheld.get(key)) client.withheld.delete(key);
  else client.withheld.set(key, 1 + world.dice.below(2));
}

function spoilWrap(world: World): void {
  const view = world.dice.pick(world.views);
  const wraps = view && world.dice.pick([...view.wraps.values()]);
  const device = wraps && world.dice.pick([...wraps.keys()]);
  if (!wraps || !device) return;
  if (world.dice.chance(0.5)) wraps.delete(device);
  else wraps.set(device, flip(world, wraps.get(device) as Bytes));
}

/** A row that stands in one history is shown in another. */
function cross(world: World): void {
  const [one, other] = [world.dice.pick(world.views), world.dice.pick(world.views)];
  const row = one?.rows.at(-1 - world.dice.below(2));
  if (!one || !row || !other || one === other) return;
  other.rows.push({ ...row, place: other.rows.length + 1 });
  const wraps = one.wraps.get(row.place);
  if (wraps) other.wraps.set(other.rows.length, wraps);
}

/** Those who have not read a message yet are shown columns that say what its header does not. */
function columns(world: World): void {
  const { dice, clients, views } = world;
  const at = dice.below(views.length);
  const view = views[at];
  const least = Math.min(...clients.filter((client) => client.view === at).map(({ place }) => place));
  const row = dice.pick(view?.rows.filter(({ kind, place }) => kind === "message" && place > least) ?? []);
  if (!view || row?.kind !== "message") return;
  const lie = dice.chance(0.5) ? { seq: row.columns.seq + 1 } : { epoch: row.columns.epoch + 1 };
  const rows = [...view.rows];
  rows[row.place - 1] = { ...row, columns: { ...row.columns, ...lie } };
  views.push({ rows, wraps: new Map(view.wraps) });
  for (const client of clients)
    if (client.view === at && client.place < row.place) client.view = views.length - 1;
}

/** The unsigned marker, put where it is read next: somebody is said to be gone who is not. */
function mark(world: World): void {
  const { dice, clients, views, people, room } = world;
  const at = dice.below(views.length);
  const view = views[at];
  const who = dice.pick(people);
  if (!view || !who) return;
  const from = readBy(clients.filter((client) => client.view === at));
  const place = from + dice.below(view.rows.length - from + 1);
  const seq = view.rows.slice(0, place).filter(({ kind }) => kind === "entry").length + 1;
  const none = {
    author: new Uint8Array(16),
    root: new Uint8Array(32),
    device: new Uint8Array(16),
    deviceHead: { seq: 0, hash: new Uint8Array(32) },
    prev: new Uint8Array(32),
  };
  const what = { op: "erased", user: who.user, userRoot: who.log.root } as const;
  const body = encodeRoomEntry({ room, seq, time: ++world.time, ...none, ...what });
  const bytes = concat(body, new Uint8Array(64));
  rewrite(view, view.rows.toSpliced(place, 0, { kind: "entry", bytes, place: 0 }));
}
