import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, people, startFixture } from "./fixture.ts";

/** The queries that an app writes, by an unmodified supabase-js. */
let fixture: Fixture;
let ada: SupabaseClient;
let ben: SupabaseClient;

beforeAll(async () => {
  fixture = await startFixture();
  ada = await clientOf(people.ada);
  ben = await clientOf(people.ben);
  const rows = [
    {
      title: "Buy shoes",
      rank: 1,
      mood: "keen",
      tags: ["run", "shop"],
      custom: { colour: "teal" },
      room_id: 1,
    },
    {
      title: "Run 10 km",
      rank: 3,
      mood: "calm",
      tags: ["run"],
      custom: { colour: "red", km: 10 },
      room_id: 2,
    },
    { title: "Read A, B", rank: 2, tags: [], custom: {}, seen_at: "2026-11-20T08:00:00Z" },
  ];
  const { error } = await ada.from("notes").insert(rows, { defaultToNull: false });
  expect(error).toBe(null);
});
afterAll(() => fixture?.stop());

async function clientOf(sub: string): Promise<SupabaseClient> {
  const token = await fixture.token({ sub });
  return createClient(fixture.url, fixture.keys.publishableKey, {
    accessToken: async () => token,
    // supabase-js starts its Realtime client at once, which on Node 20 wants a WebSocket; no test here opens one.
    realtime: { transport: class extends EventTarget {} as never },
  });
}

const titles = (result: { data: unknown; error: unknown }) => {
  expect(result.error).toBe(null);
  return (result.data as { title: string }[]).map(({ title }) => title[0]).join("");
};
const notes = () => ada.from("notes").select("title,rank").order("title");

describe("ada reads", () => {
  it("with every filter that the app uses", async () => {
    expect(titles(await notes())).toBe("BRR");
    expect(titles(await notes().eq("rank", 1))).toBe("B");
    expect(titles(await notes().neq("rank", 1).gt("rank", 2))).toBe("R");
    expect(titles(await notes().in("title", ["Buy shoes", "Read A, B"]))).toBe("BR");
    expect(titles(await notes().is("mood", null))).toBe("R");
    expect(titles(await notes().not("mood", "is", null))).toBe("BR");
    expect(titles(await notes().not("mood", "in", "(calm)"))).toBe("B");
    expect(titles(await notes().contains("tags", ["run"]))).toBe("BR");
    expect(titles(await notes().contains("custom", { colour: "teal" }))).toBe("B");
    expect(titles(await notes().overlaps("tags", ["shop", "x"]))).toBe("B");
    expect(titles(await notes().ilike("title", "%BUY%"))).toBe("B");
    expect(titles(await notes().textSearch("search", "shoes", { type: "websearch", config: "simple" }))).toBe(
      "B",
    );
    expect(titles(await notes().textSearch("search", "'run' & '10'", { config: "simple" }))).toBe("R");
    expect(titles(await notes().or("rank.eq.1,and(rank.eq.2,mood.is.null)"))).toBe("BR");
    expect(titles(await notes().filter("custom->>colour", "eq", "red"))).toBe("R");
    expect(titles(await notes().match({ rank: 3, mood: "calm" }))).toBe("R");
  });

  it("in order, a page at a time", async () => {
    const order = ada
      .from("notes")
      .select("title")
      .order("mood", { nullsFirst: true })
      .order("rank", { ascending: false });
    expect(titles(await order)).toBe("RRB");
    expect(titles(await ada.from("notes").select("title").order("rank").range(1, 2))).toBe("RR");
    expect(titles(await ada.from("notes").select("title").order("rank").limit(1))).toBe("B");
  });

  it("a keyset page: the cursor, and the bound that spares reading what lies before it", async () => {
    const page = await ada
      .from("notes")
      .select("title,rank,id")
      .gte("rank", 1)
      .or("rank.gt.1,and(rank.eq.1,id.gt.ffffffff-ffff-4fff-8fff-ffffffffffff)")
      .order("rank")
      .order("id")
      .limit(2);
    expect(titles(page)).toBe("RR");
  });

  it("one row, or none, or too many", async () => {
    expect((await ada.from("notes").select("title").eq("rank", 1).single()).data).toEqual({
      title: "Buy shoes",
    });
    expect((await ada.from("notes").select("title").eq("rank", 77).single()).error?.code).toBe("PGRST116");
    expect(await ada.from("notes").select("title").eq("rank", 77).maybeSingle()).toMatchObject({
      data: null,
      error: null,
    });
    expect((await ada.from("notes").select("title").gt("rank", 0).maybeSingle()).error?.code).toBe(
      "PGRST116",
    );
  });

  it("related rows, both ways, and only where they match", async () => {
    const up = await ada.from("notes").select("title,rooms(name)").eq("rank", 1).single();
    expect(up.data).toEqual({ title: "Buy shoes", rooms: { name: "kitchen" } });
    const down = await ada.from("rooms").select("name,notes(title)").order("id").eq("id", 2);
    expect(down.data).toEqual([{ name: "attic", notes: [{ title: "Run 10 km" }] }]);
    const inner = await ada.from("notes").select("title,rooms!inner(name)").eq("rooms.name", "attic");
    expect(titles(inner)).toBe("R");
  });

  it("counts", async () => {
    expect((await ada.from("notes").select("*", { count: "exact", head: true })).count).toBe(3);
    expect(await ada.from("notes").select("id", { count: "exact" }).limit(1)).toMatchObject({
      count: 3,
      status: 206,
    });
  });

  it("as CSV", async () => {
    const { data } = await ada.from("notes").select("title,rank").order("rank").csv();
    expect(data).toBe('title,rank\n"Buy shoes",1\n"Read A, B",2\n"Run 10 km",3');
  });

  it("nothing of ben's, and ben nothing of hers", async () => {
    expect((await ben.from("notes").select("*")).data).toEqual([]);
    expect((await ben.from("notes").select("*", { count: "exact", head: true })).count).toBe(0);
    expect((await ben.from("rooms").select("name,notes(title)").eq("id", 1)).data).toEqual([
      { name: "kitchen", notes: [] },
    ]);
  });
});

describe("ada writes", () => {
  it("inserts, and reads back what was stored", async () => {
    const one = await ada.from("notes").insert({ title: "new", rank: 9 }).select("title,rank").single();
    expect(one).toMatchObject({ status: 201, data: { title: "new", rank: 9 } });
    expect((await ada.from("notes").insert({ title: "new" })).error?.code).toBe("23505");
  });

  it("upserts without touching what is there", async () => {
    const options = { onConflict: "title", ignoreDuplicates: true };
    const again = await ada.from("notes").upsert({ title: "new", rank: 1 }, options).select("title");
    expect(again).toMatchObject({ status: 201, data: [] });
    expect((await ada.from("notes").select("rank").eq("title", "new").single()).data).toEqual({ rank: 9 });
  });

  it("upserts over what is there", async () => {
    const { data } = await ada
      .from("notes")
      .upsert({ title: "new", rank: 2 }, { onConflict: "title" })
      .select("rank");
    expect(data).toEqual([{ rank: 2 }]);
  });

  it("updates by a filter that the update makes untrue, with and without related rows", async () => {
    const set = (from: number, to: number) =>
      ada.from("notes").update({ rank: to }).eq("title", "new").eq("rank", from);
    expect((await set(2, 3).select("rank")).data).toEqual([{ rank: 3 }]);
    expect((await set(2, 4).select("rank")).data).toEqual([]);
    expect((await set(3, 5).select("rank,rooms(name)")).data).toEqual([{ rank: 5, rooms: null }]);
    expect((await set(5, 6).select("rank,rooms(name)").single()).data).toEqual({ rank: 6, rooms: null });
    expect((await set(5, 7).select("rank,rooms(name)").single()).error?.code).toBe("PGRST116");
  });

  it("changes nothing of ben's", async () => {
    await ben.from("notes").insert({ title: "ben's" });
    expect((await ada.from("notes").update({ rank: 1 }).eq("title", "ben's").select()).data).toEqual([]);
    expect((await ada.from("notes").delete().eq("title", "ben's").select()).data).toEqual([]);
    expect((await ben.from("notes").select("title,rank")).data).toEqual([{ title: "ben's", rank: 0 }]);
  });

  it("deletes, and gets back what is gone", async () => {
    expect((await ada.from("notes").delete().eq("title", "new").select("title")).data).toEqual([
      { title: "new" },
    ]);
    expect((await ada.from("notes").delete().eq("title", "new").select("title")).data).toEqual([]);
  });

  it("keeps to each of several or-filters, with and without related rows", async () => {
    await ada.from("notes").insert([
      { title: "p", rank: 20, mood: "calm" },
      { title: "q", rank: 21, mood: "keen" },
    ]);
    const both = (select: string) =>
      ada.from("notes").delete().or("rank.eq.20,rank.eq.21").or("mood.eq.keen,mood.is.null").select(select);
    expect((await both("title,rooms(name)")).data).toEqual([{ title: "q", rooms: null }]);
    expect((await both("title")).data).toEqual([]);
    const near = (select: string) =>
      ada
        .from("notes")
        .select(select)
        .gt("rank", 1)
        .gt("rank", 19)
        .not("mood", "eq", "keen")
        .not("mood", "eq", "x");
    expect((await near("title,rooms(name)")).error?.code).toBe("22P02");
    const calm = (select: string) =>
      ada
        .from("notes")
        .select(select)
        .gt("rank", 1)
        .gt("rank", 19)
        .not("title", "eq", "q")
        .not("title", "eq", "x");
    expect((await calm("title,rooms(name)")).data).toEqual([{ title: "p", rooms: null }]);
    expect((await calm("title")).data).toEqual([{ title: "p" }]);
    const rooms = ada
      .from("rooms")
      .select("name,notes(title)")
      .gt("notes.rank", 0)
      .gt("notes.rank", 1)
      .order("id");
    expect((await rooms).data).toEqual([
      { name: "kitchen", notes: [] },
      { name: "attic", notes: [{ title: "Run 10 km" }] },
    ]);
    expect((await ada.from("notes").delete().eq("title", "p").select("title")).data).toEqual([
      { title: "p" },
    ]);
  });

  it("is refused a delete without a filter", async () => {
    expect((await ada.from("notes").delete()).error).toMatchObject({ code: "21000" });
  });
});

describe("ada calls functions", () => {
  it("with POST, GET and HEAD", async () => {
    expect((await ada.rpc("add", { a: 1, b: 2 })).data).toBe(3);
    expect((await ada.rpc("add", { a: 1 }, { get: true })).data).toBe(11);
    expect((await ada.rpc("add", { a: 1 }, { head: true })).status).toBe(200);
    expect((await ada.rpc("echo_json", { value: { a: ["ü", 1.5] } })).data).toEqual({ a: ["ü", 1.5] });
    expect((await ada.rpc("nothing")).data).toBe(null);
  });

  it("that return rows, filtered and ordered", async () => {
    expect((await ada.rpc("all_rooms")).data).toEqual([
      { id: 1, name: "kitchen" },
      { id: 2, name: "attic" },
    ]);
    expect((await ada.rpc("all_rooms").select("name").eq("id", 2)).data).toEqual([{ name: "attic" }]);
    expect((await ada.rpc("all_rooms").order("name").limit(1)).data).toEqual([{ id: 2, name: "attic" }]);
    expect((await ada.rpc("first_room").single()).data).toEqual({ id: 1, name: "kitchen" });
  });
});
