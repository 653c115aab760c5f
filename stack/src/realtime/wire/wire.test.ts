import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPush, writeBroadcast } from "./binary.ts";
import { textFanOut, userFanOut } from "./fan-out.ts";
import { MalformedFrameError, type Outgoing, type Version } from "./message.ts";
import { readText, writeText } from "./text.ts";
import { frame } from "./websocket-frame.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const object = fc.dictionary(fc.string(), fc.jsonValue()).map((one) => JSON.parse(JSON.stringify(one)));
const message = fc.record({ ref: fc.option(text), topic: text, event: text, payload: object });

/** Kind 3 as realtime-js writes it. */
function push(fields: string[], encoding: number, payload: Buffer): Buffer {
  const names = fields.map((field) => Buffer.from(field));
  return Buffer.concat([Buffer.from([3, ...names.map((name) => name.length), encoding]), ...names, payload]);
}

describe("text frames", () => {
  it.each<Version>(["1.0.0", "2.0.0"])("what is written is read (%s)", (version) => {
    fc.assert(
      fc.property(message, (sent: Outgoing) => {
        expect(readText(version, writeText(version, sent))).toEqual({ joinRef: null, ...sent });
      }),
    );
  });

  it("whatever is no frame is malformed", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.constantFrom<Version>("1.0.0", "2.0.0"),
        (data, version) => {
          try {
            expect(typeof readText(version, data).topic).toBe("string");
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedFrameError);
          }
        },
      ),
    );
  });
});

describe("binary frames", () => {
  it("reads a push", () => {
    const five = fc.tuple(text, text, text, text, text);
    fc.assert(
      fc.property(five, fc.constantFrom(0, 1), fc.uint8Array(), (fields, encoding, payload) => {
        const bytes = Buffer.from(payload);
        const [joinRef, ref, topic, event] = fields;
        expect(readPush(push(fields, encoding, bytes))).toEqual({
          joinRef: joinRef || null,
          ref: ref || null,
          topic,
          event: "broadcast",
          payload: {},
          user: { event, encoding: encoding === 0 ? "binary" : "json", bytes },
        });
      }),
    );
  });

  it("any other bytes are malformed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          readPush(Buffer.from([3, ...bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrameError);
        }
      }),
    );
  });

  it("writes lengths in bytes", () => {
    const written = writeBroadcast("é", { event: "☕", encoding: "json", bytes: Buffer.from("{}") }, "m");
    expect(written).toEqual(Buffer.concat([Buffer.from([4, 2, 3, 1, 1]), Buffer.from("é☕m{}")]));
  });

  it("has no frame for a name beyond 255 bytes", () => {
    const user = { event: "e", encoding: "json", bytes: Buffer.from("{}") } as const;
    expect(writeBroadcast("x".repeat(256), user)).toBeNull();
    expect(userFanOut("x".repeat(256), user).for("2.0.0")?.toString()).toContain('"broadcast"');
  });
});

describe("fan-out", () => {
  it("builds a frame once for each serializer", () => {
    const said = textFanOut({ topic: "t", event: "e", payload: {} });
    expect(said.for("2.0.0")).toBe(said.for("2.0.0"));
    expect(said.for("1.0.0")).not.toEqual(said.for("2.0.0"));
  });

  it("leaves the older serializer out where bytes are no JSON", () => {
    const said = userFanOut("t", { event: "e", encoding: "binary", bytes: Buffer.from([1]) });
    expect(said.for("1.0.0")).toBeNull();
    expect(said.for("2.0.0")).not.toBeNull();
  });

  it.each([
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ])("%i bytes have a header of %i", (length, header) => {
    const bytes = frame("x".repeat(length));
    expect(bytes.length).toBe(length + header);
    expect(bytes.subarray(header).toString()).toBe("x".repeat(length));
  });
});
