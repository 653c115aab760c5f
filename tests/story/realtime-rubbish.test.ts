import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { heldMiB } from "../support/memory.ts";
import { Attacker, Bystanders, frameOf, type Version } from "./realtime-attacker.ts";
import { Live } from "./realtime-kit.ts";
import { within } from "./realtime-wait.ts";
import { Wire } from "./realtime-wire.ts";

/** Whatever is sent is answered or ends its own connection; two others talk all the while and miss nothing. */
let live: Live;
let bystanders: Bystanders;
let heldBefore: number;
const seed = Date.now() % 1_000_000;
beforeAll(async () => {
  console.log(`realtime rubbish: seed ${seed}`);
  live = await Live.start({ realtime: { max_events_per_second: 100_000, max_joins_per_second: 100_000 } });
  bystanders = await Bystanders.start(live);
  // What fast-check keeps for itself is not to be counted.
  fc.sample(randomFrame("2.0.0"), { seed, numRuns: 20 });
  heldBefore = heldMiB();
});
afterAll(() => live?.stop());

const versions: Version[] = ["1.0.0", "2.0.0"];
const attack = async (version: Version, all: (string | Buffer)[]) => {
  const eve = new Attacker(live, version);
  const outcomes: ("answered" | number)[] = [];
  for (const data of all) outcomes.push(await eve.throws(data));
  eve.close();
  return outcomes;
};
/** Alive, or closed as the real server closes: its channel process failed, or the frame was too large or no text. */
const isFine = (outcome: "answered" | number) => ["answered", 1007, 1009, 1011].includes(outcome);

const topic = "realtime:rubbish";
const join = (version: Version, config: unknown = { broadcast: { ack: true } }) =>
  frameOf(version, "1", topic, "phx_join", { config });

/** A push as realtime-js writes it, for the channel that was joined as "1". */
const push = (fields = ["1", "2", topic, "e", ""], encoding = 1, payload = '{"n":1}') => {
  const names = fields.map((field) => Buffer.from(field));
  const head = Buffer.from([3, ...names.map((name) => name.length), encoding]);
  return Buffer.concat([head, ...names, Buffer.from(payload)]);
};

/** Any frame: of the right form, of none, binary, and a push with one byte changed. */
function randomFrame(version: Version): fc.Arbitrary<string | Buffer> {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.constantFrom(topic, "phoenix", "realtime:"),
  );
  const event = fc.oneof(
    text,
    fc.constantFrom("phx_join", "phx_leave", "broadcast", "presence", "access_token"),
  );
  const ref = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant("1"));
  return fc.oneof(
    fc.tuple(ref, text, event, fc.jsonValue()).map(([one, ...rest]) => frameOf(version, one, ...rest)),
    fc.json(),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from([3, ...bytes])),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.nat(push().length - 1), fc.nat(255)).map(([at, value]) => {
      const bytes = push();
      bytes[at] = value;
      return bytes;
    }),
  );
}

describe("binary frames", () => {
  it("with each length and the encoding wrong, and cut at each byte", async () => {
    const whole = push();
    const wrong: Buffer[] = [];
    for (let at = 0; at <= 6; at++) {
      for (const value of [0, 1, (whole[at] ?? 0) + 1, 127, 255]) {
        const frame = Buffer.from(whole);
        frame[at] = value;
        wrong.push(frame);
      }
    }
    for (let length = 0; length < whole.length; length++) wrong.push(whole.subarray(0, length));
    const outcomes = await attack(
      "2.0.0",
      wrong.flatMap((frame) => [join("2.0.0"), frame]),
    );
    expect(outcomes.filter((outcome) => !isFine(outcome))).toEqual([]);
    expect(outcomes).toContain(1011);
    expect(await attack("2.0.0", [join("2.0.0"), whole])).toEqual(["answered", "answered"]);
  });

  it("are none of the older serializer's", async () => {
    expect(await attack("1.0.0", [push(), Buffer.alloc(0), Buffer.from([1])])).toEqual([1011, 1011, 1011]);
  });

  it("whose JSON is none reach nobody", async () => {
    const [eve, ben] = [await Wire.open(live), await Wire.open(live)];
    for (const one of [eve, ben]) await one.ask(topic, "phx_join");
    eve.raw(push(undefined, 1, "{"));
    expect(await within(eve.closed, "the end of eve")).toBe(1011);
    await ben.ask("phoenix", "heartbeat");
    expect([ben.binary.all, ben.frames.all.map(([, , , event]) => event)]).toEqual([
      [],
      ["phx_reply", "phx_reply"],
    ]);
    ben.close();
  });
});

describe.each(versions)("frames of serializer %s", (version) => {
  const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const nested = (event: string, depth: number) =>
    frameOf(version, "2", topic, event, { type: event, event: "track", payload: "@" }).replace(
      '"@"',
      `{"a":${deep(depth)}}`,
    );

  it("with payloads that are none, unknown topics and events", async () => {
    const events = [
      "phx_join",
      "phx_leave",
      "broadcast",
      "presence",
      "access_token",
      "heartbeat",
      "phx_close",
      "?",
      "",
    ];
    const topics = [topic, "realtime:", "realtime", "phoenix", "", "other:x", "realtime:*", "__proto__"];
    const payloads = [
      null,
      undefined,
      0,
      "text",
      [],
      {},
      { config: null },
      { config: { broadcast: 1, presence: [], postgres_changes: [null, 1, {}] } },
    ];
    const frames = topics.flatMap((one) =>
      events.flatMap((event) => payloads.map((payload) => frameOf(version, "1", one, event, payload))),
    );
    const outcomes = await attack(version, frames);
    expect(new Set(outcomes)).toEqual(new Set(["answered"]));
  });

  it("of five megabytes and more, and payloads of more than three", async () => {
    const large = (bytes: number) =>
      frameOf(version, "2", topic, "broadcast", {
        type: "broadcast",
        event: "e",
        payload: "x".repeat(bytes),
      });
    expect(
      await attack(version, [
        join(version),
        large(2_900_000),
        large(3_100_000),
        large(4_900_000),
        large(5_000_001),
      ]),
    ).toEqual(["answered", "answered", "answered", "answered", 1009]);
  });

  it.each(["broadcast", "presence", "access_token", "phx_join", "?"])("nested deep (%s)", async (event) => {
    const frames = [100, 10_000, 200_000].flatMap((depth) => [join(version), nested(event, depth)]);
    expect((await attack(version, frames)).filter((outcome) => !isFine(outcome))).toEqual([]);
  });

  it("at random", async () => {
    const outcomes = await attack(version, [
      join(version),
      ...fc.sample(randomFrame(version), { seed, numRuns: 300 }),
    ]);
    expect(outcomes.filter((outcome) => !isFine(outcome))).toEqual([]);
  });
});

describe("over HTTP", () => {
  const send = async (path: string, body: string, type = "application/json") => {
    const { API_URL, PUBLISHABLE_KEY } = live.stack.env;
    const headers = { apikey: PUBLISHABLE_KEY, "content-type": type };
    const answer = await fetch(`${API_URL}/realtime/v1/api/broadcast${path}`, {
      method: "POST",
      headers,
      body,
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;

  it.each<[string, string, string, number, string?]>([
    ["no JSON", "", "{", 422],
    ["no messages", "", "{}", 422],
    ["messages that are none", "", '{"messages":[null,1,"a",{}]}', 422],
    ["a topic with NUL", "", '{"messages":[{"topic":"a\\u0000","event":"e","payload":{}}]}', 422],
    ["a payload that is no map", "", '{"messages":[{"topic":"a","event":"e","payload":1}]}', 422],
    ["deep JSON", "", `{"messages":[{"topic":"a","event":"e","payload":{"a":${deep}}}]}`, 202],
    [
      "too much",
      "",
      JSON.stringify({ messages: [{ topic: "a", event: "e", payload: { a: "x".repeat(3_000_001) } }] }),
      422,
    ],
    ["half an escape in the topic", "/%E0%A4%A/events/e", "{}", 404],
    ["a percent sign for an event", "/a/events/%", "{}", 404],
    ["NUL in the topic", "/a%00b/events/e", "{}", 404],
    ["no JSON for one message", "/a/events/e", "{", 400],
    ["a type that is none", "/a/events/e", "{}", 415, "text/plain"],
    ["nothing", "/a/events/e", "", 400],
    ["an unknown way", "/a/b/c", "{}", 404],
  ])("%s", async (_, path, body, wanted, type) => {
    expect(await send(path, body, type)).toBe(wanted);
  });

  it("at random", async () => {
    const message = fc.record(
      { topic: fc.jsonValue(), event: fc.jsonValue(), payload: fc.jsonValue(), private: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ messages: fc.array(message) }).map((one) => JSON.stringify(one)),
    );
    const statuses = new Set<number>();
    for (const one of fc.sample(body, { seed, numRuns: 150 })) {
      statuses.add(await send("", one));
      statuses.add(await send(`/${encodeURIComponent(one.slice(0, 20) || "a")}/events/e?private=true`, one));
    }
    expect([...statuses].filter((status) => ![202, 400, 403, 404, 422].includes(status))).toEqual([]);
  });
});

it("a burst of 3,000 messages before the first is allowed arrives whole, and cuts nobody off", async () => {
  const ada = await live.person("ada");
  await live.admit("burst", ada);
  const [adas, bens] = [await Wire.open(live), await Wire.open(live)];
  const joining = { access_token: ada.token, config: { private: true } };
  for (const one of [adas, bens]) await one.ask("realtime:burst", "phx_join", joining);
  const text = "x".repeat(1_000);
  for (let n = 0; n < 3_000; n++) {
    adas.send("realtime:burst", "broadcast", { type: "broadcast", event: "n", payload: { n, text } });
  }
  for (let n = 0; n < 3_000; n++) expect((await bens.next("broadcast"))[4]).toMatchObject({ payload: { n } });
  expect(await adas.ask("phoenix", "heartbeat")).toMatchObject({ status: "ok" });
  for (const one of [adas, bens]) one.close();
});

it("meanwhile two others heard each other, each message once and in order, and memory is where it was", async () => {
  const [said, heard] = await bystanders.stop();
  expect(said.length).toBeGreaterThan(20);
  expect(heard).toEqual(said);
  await live.hangUp();
  // Generous: what is asked is that nothing of a hundred megabytes of rubbish is kept.
  expect(heldMiB() - heldBefore).toBeLessThan(48);
});
