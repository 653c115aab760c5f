/** Who may do what on which topic, with real tokens over the real socket and over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signIn, signOut } from "../support/people.ts";
import { type Caller, callers } from "./expectations.ts";
import { sharedRoom } from "./tables/rooms.ts";
import { acts, type Present, topics } from "./topics/expectations.ts";
import { Stage } from "./topics/stage.ts";
import { openWorld, personOf, type World } from "./world.ts";

const many = 100_000;
const realtime = {
  max_joins_per_second: many,
  max_events_per_second: many,
  max_client_presence_events_per_window: many,
};

let world: World;
let stage: Stage;
let present: Record<"ada" | "sue" | "gone", Present>;
beforeAll(async () => {
  world = await openWorld({ config: { realtime } });
  stage = new Stage(world);
  // A session of ada's that ends: what was her topic is an old one.
  const { ada } = world.cast;
  await signOut(world.stack, { ...ada, ...(await signIn(world.stack, ada)) });
  const room = await sharedRoom(world);
  const at = async (name: keyof typeof present) => ({ ...(await presentOf(name)), room });
  present = { ada: await at("ada"), sue: await at("sue"), gone: await at("gone") };
});
afterAll(async () => {
  stage?.close();
  await world?.close();
});

async function presentOf(name: "ada" | "sue" | "gone"): Promise<Omit<Present, "room">> {
  const { id } = world.cast[name];
  const { rows } = await world.stack.db.query<{ rev: number }>(
    "select rev from private.user_topics where user_id = $1",
    [id],
  );
  return { id, rev: rows[0]?.rev ?? 0 };
}

/** Whose topic a caller comes to. */
const whose = (caller: Caller): Present =>
  caller === "sue" || caller === "gone" ? present[caller] : present.ada;

it("the cast: each has a topic that has moved once", () => {
  expect([present.ada.rev, present.sue.rev, present.gone.rev]).toEqual([2, 2, 2]);
  expect(personOf(world, "ada")?.token).toBeTruthy();
});

it("tells nobody of changes of tables: none is published", async () => {
  const { rows } = await world.stack.db.query(
    "select tablename from pg_publication_tables where pubname = 'supabase_realtime'",
  );
  expect(rows).toEqual([]);
});

describe.each(topics)("$title", ({ names, cells }) => {
  for (const act of acts) {
    for (const caller of callers) {
      const expected = cells[act][caller];
      it(`${caller}, ${act}: ${expected}`, async () => {
        for (const topic of names(whose(caller))) {
          expect([topic, await stage.try(act, caller, topic)]).toEqual([topic, expected]);
        }
      });
    }
  }
});
