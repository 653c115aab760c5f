import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check } from "../../sdk/src/schema/check.ts";
import { jsonObject } from "../../sdk/src/schema/json.ts";
import { plainLine, plainText } from "../../sdk/src/schema/text.ts";
import { type Person, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  ada = await kit.join("ada");
});
afterAll(() => kit.stop());

/** Printed when a sample fails, so that it can be had again. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const SAMPLES = 3000;

const nasty = fc.constantFrom(
  ...[
    "<",
    "a",
    "/",
    "!",
    "?",
    " ",
    "\t",
    "\n",
    "\r",
    "\u0000",
    "\u0007",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\u0300",
    "\u0301",
  ],
  ...[
    "\u0338",
    "\u200d",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u3000",
    "\ud800",
    "\udc00",
    "\ufb01",
    "\ufeff",
    "\u1100",
    "\u1161",
  ],
  ...["e", "A\u030a", "\u212b", "😀", "👩‍👩‍👧", "<b>", "< b", '"', "\\", "'"],
);
const text = fc.oneof(
  fc.string({ unit: nasty }),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
);

/** What the SDK sends of each sample, null where it refuses. */
function sent(schema: Parameters<typeof check>[0], samples: readonly unknown[]): unknown[] {
  return samples.map((sample) => {
    const result = check(schema, sample);
    return result.ok ? result.value : null;
  });
}

describe(`the SDK's rules are the database's (SEED=${seed})`, () => {
  it("every line and text that the SDK sends is one that the database takes", async () => {
    const samples = fc.sample(text, { seed, numRuns: SAMPLES });
    const lines = sent(plainLine(0, 1000), samples).filter((value) => value !== null) as string[];
    const texts = sent(plainText(20_000), samples).filter((value) => value !== null) as string[];
    expect(lines.length).toBeGreaterThan(SAMPLES / 10);
    expect(lines.length).toBeLessThan(SAMPLES);
    const refusedLines =
      await kit.sql`select v from unnest(${lines}::text[]) as v where not public.is_plain_line(v)`;
    const refusedTexts =
      await kit.sql`select v from unnest(${texts}::text[]) as v where not public.is_plain_text(v)`;
    expect([...refusedLines]).toEqual([]);
    expect([...refusedTexts]).toEqual([]);
  });

  it("what the SDK refuses as it stands, the database refuses too", async () => {
    const samples = fc.sample(text, { seed: seed + 1, numRuns: SAMPLES });
    // Postgres cannot even be sent NUL or half a character.
    const refused = samples.filter(
      (sample) => !check(plainText(20_000), sample).ok && !/[\0\p{Surrogate}]/u.test(sample),
    );
    expect(refused.length).toBeGreaterThan(100);
    const taken = await kit.sql`select v from unnest(${refused}::text[]) as v where public.is_plain_text(v)`;
    expect([...taken]).toEqual([]);
  });

  it("every JSON that the SDK sends is one that the database takes", async () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "medium", maxDepth: 8 },
        fc.jsonValue({ maxDepth: 1 }),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("tree"), { maxLength: 4 }),
      object: fc.dictionary(text, tie("tree"), { maxKeys: 4 }),
    }));
    const samples = fc.sample(fc.dictionary(text, tree, { maxKeys: 4 }), { seed: seed + 2, numRuns: 500 });
    const values = sent(jsonObject, samples).filter((value) => value !== null);
    expect(values.length).toBeGreaterThan(50);
    const texts = values.map((value) => JSON.stringify(value));
    const refused =
      await kit.sql`select v from unnest(${texts}::text[]) as v where not public.json_is_plain(v::jsonb)`;
    expect([...refused]).toEqual([]);
  });
});

describe("the bounds are the same on both sides", () => {
  it("the largest goal and the largest task that the SDK sends are stored as sent", async () => {
    const { goals, tasks } = ada.trackit;
    const custom = { a: { b: { c: { d: { e: [1] } } } }, fill: "x".repeat(16_384 - 64) };
    const goal = {
      title: "😀".repeat(200),
      description: "é\n".repeat(5000),
      icon: "i".repeat(32),
      colour: "q".repeat(24),
    };
    expect(await goals.create({ ...goal, custom })).toMatchObject({ ...goal, custom });
    const rrule = `FREQ=DAILY;BYDAY=${"MO,".repeat(161)}`;
    const tags = Array.from({ length: 20 }, (_, n) => `${n}`.padEnd(50, "ü"));
    const task = { title: "t", tags, rrule: rrule.slice(0, 500) };
    const last = "9999-12-30T23:59:59.999999Z";
    expect(await tasks.create({ ...task, dueAt: last })).toMatchObject(task);
  });

  it("one more is refused by the SDK, and by the database for who goes around it", async () => {
    const { goals, supabase } = ada.trackit;
    const beyond = [
      [{ title: "😀".repeat(201) }, "title"],
      [{ title: "x", description: "y".repeat(10_001) }, "description"],
      [{ title: "x", icon: "i".repeat(33) }, "icon"],
      [{ title: "x", colour: "q".repeat(25) }, "colour"],
      [{ title: "x", custom: { fill: "x".repeat(16_384) } }, "custom"],
      [{ title: "x", custom: { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } } }, "custom"],
    ] as const;
    for (const [row, field] of beyond) {
      await expect(goals.create(row)).rejects.toMatchObject(refusal("USAGE_INVALID", { field }));
      const { error } = await supabase.from("goals").insert(row);
      expect(error?.code, field).toBe("23514");
    }
  });

  it("a thousand rows go at once, one more is refused before anything is sent", async () => {
    const rows = Array.from({ length: 1001 }, (_, n) => ({ title: `row ${n}` }));
    await expect(ada.trackit.tasks.createMany(rows)).rejects.toMatchObject(refusal("USAGE_INVALID"));
    const made = await ada.trackit.tasks.createMany(rows.slice(0, 1000));
    expect(made.map(({ title }) => title)).toEqual(rows.slice(0, 1000).map(({ title }) => title));
  });
});
