import { type Incoming, MalformedFrameError, type Outgoing, type Payload, type Version } from "./message.ts";

/** Reads a text frame: an object in version 1.0.0, `[join_ref, ref, topic, event, payload]` in 2.0.0. */
export function readText(version: Version, text: string): Incoming {
  const frame = parse(text);
  const [joinRef, ref, topic, event, payload] =
    version === "1.0.0" ? fieldsOfObject(frame) : fieldsOfArray(frame);
  if (typeof topic !== "string" || typeof event !== "string") {
    throw new MalformedFrameError("its topic or its event is no text");
  }
  return { joinRef: asRef(joinRef), ref: asRef(ref), topic, event, payload: asPayload(payload) };
}

export function writeText(
  version: Version,
  { joinRef = null, ref = null, topic, event, payload }: Outgoing,
): string {
  return version === "1.0.0"
    ? JSON.stringify({ ref, topic, event, payload })
    : JSON.stringify([joinRef, ref, topic, event, payload]);
}

type Fields = readonly unknown[];

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedFrameError("it is no JSON");
  }
}

function fieldsOfObject(frame: unknown): Fields {
  if (!isRecord(frame)) throw new MalformedFrameError("it is no object");
  return [frame.join_ref, frame.ref, frame.topic, frame.event, frame.payload];
}

function fieldsOfArray(frame: unknown): Fields {
  if (!Array.isArray(frame) || frame.length !== 5) throw new MalformedFrameError("it is no list of five");
  return frame;
}

/** Refs are the client's own; numbers are given back as text, as Phoenix does. */
function asRef(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : null;
}

const asPayload = (value: unknown): Payload => (isRecord(value) ? value : {});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
