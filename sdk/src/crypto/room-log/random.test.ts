import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { type Bytes, toHex } from "../bytes/index.ts";
import { type Person, suite } from "../testing/cast.ts";
import {
  act,
  add,
  type Cast,
  DELETE,
  erase,
  evict,
  invite,
  LEAVE,
  logsOf,
  meet,
  newRoom,
  remove,
  setRole,
} from "../testing/rooms.ts";
import { applyRoomEntry, type Role, type RoomChange, type RoomLog } from "./index.ts";

let cast: Cast;
let ids: Bytes[];
beforeAll(async () => {
  ({ cast } = await meet());
  ids = [suite.random(16), suite.random(16)];
});

type Step = [who: number, what: number, whom: number, role: Role, id: number];
const steps = fc.array(
  fc.tuple(fc.nat(3), fc.nat(8), fc.nat(3), fc.constantFrom<Role>(1, 2, 3), fc.nat(2)) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 25 },
);

function changeOf([, what, whom, role, id]: Step, people: readonly Person[]): RoomChange {
  const target = people[whom] as Person;
  const invited = ids[id] ?? new Uint8Array(16);
  const changes: RoomChange[] = [
    add(target, role, invited),
    add(target, 1),
    remove(target),
    setRole(target, role),
    invite(ids[id] ?? (ids[0] as Bytes), { role, uses: id }),
    LEAVE,
    evict(target),
    DELETE,
    add(target, 2),
  ];
  return changes[what] as RoomChange;
}

const owners = (log: RoomLog) => [...log.members.values()].filter(({ role }) => role === 3);
const shape = ({ before: _, ...log }: RoomLog) => log;

/** What may never be, whatever came before. */
function holds(before: RoomLog, after: RoomLog, verdict: unknown, change: RoomChange): void {
  expect(after.rows).toBe(before.rows + 1);
  if (verdict !== "valid") {
    expect(shape(after)).toEqual({ ...shape(before), rows: after.rows });
    return;
  }
  expect(before.deleted).toBe(false);
  expect(after.head.seq).toBe(after.rows);
  if (!after.deleted) expect(owners(after)).toHaveLength(1);
  for (const { used, uses } of after.invites.values()) expect(used <= uses || uses === 0).toBe(true);
  const newcomers = [...after.members.keys()].filter((user) => !before.members.has(user));
  expect(newcomers).toHaveLength(change.op === "add" ? 1 : 0);
}

it("whatever four people try, one owner is left, void rows change nothing, and everybody judges alike", async () => {
  const people = Object.values(cast);
  const logs = logsOf(...people);
  const run = async (given: Step[]) => {
    let log = await newRoom(cast.ada);
    const start = log;
    const rows: Bytes[] = [];
    for (const step of given) {
      const change = changeOf(step, people);
      const next = await act(log, people[step[0]] as Person, change);
      holds(log, next.log, next.verdict, change);
      rows.push(next.row);
      log = next.log;
    }
    let again = start;
    for (const bytes of rows) {
      again = (await applyRoomEntry(suite, again, { bytes, place: again.place + 1 }, logs)).log;
    }
    expect(shape(again)).toEqual(shape(log));
  };
  await fc.assert(fc.asyncProperty(steps, run), { numRuns: 150 });
});

it("whoever is erased in between has no rights, and is followed by somebody who stands", async () => {
  const people = Object.values(cast);
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(3), fc.nat(24), async (given, gone, when) => {
      const erased = people[gone] as Person;
      let log = await newRoom(cast.ada);
      for (const [at, step] of given.entries()) {
        if (at === when) log = (await erase(log, erased)).log;
        const author = people[step[0]] as Person;
        const standing = log.members.get(toHex(author.user));
        const next = await act(log, author, changeOf(step, people));
        if (standing?.erased) expect(next.verdict).toHaveProperty("void");
        const [owner] = owners(next.log);
        const before = owners(log)[0];
        if (owner && before && owner.user !== before.user) expect(owner.erased).toBe(false);
        log = next.log;
      }
    }),
    { numRuns: 100 },
  );
});
