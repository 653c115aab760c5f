import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { declaredLength } from "../../gateway/body.ts";
import type { Received } from "../disk/receive.ts";
import { invalidRequest, tooLarge } from "../errors.ts";
import { type Facts, readCacheControl, readEncoding, readUserMetadata } from "./facts.ts";
import { bodyOf, type ReceiveOptions, type Upload } from "./receive.ts";

/** What clients send beside the file. */
type Fields = Record<string, string>;

const limits = { fields: 20, fieldSize: 1024 * 1024 + 1, files: 1, parts: 30, headerPairs: 50 };

/**
 * The first file of a multipart form, to disk as it comes. Older releases of storage-js send the fields after the
 * file: what they say of it is read at the end, and what they may say is checked again.
 */
export async function receiveForm(req: IncomingMessage, options: ReceiveOptions): Promise<Upload> {
  const form = openForm(req);
  const fields: Fields = {};
  const formSize = declaredLength(req);
  let file: Promise<Taken> | null = null;
  let bytes: Readable | null = null;
  let failure: unknown;
  form.on("field", (name, value, _nameCut, cut) => {
    if (cut) failure ??= tooLarge("user_metadata");
    if (Object.keys(fields).length < limits.fields) fields[name] = value;
  });
  form.on("file", (_name, stream, _filename, _encoding, type) => {
    // Without a listener a cut-short part would end the process.
    stream.on("error", () => {});
    bytes = stream;
    file = takeFile(stream, type, { ...formFacts(fields, type, null), formSize }, options);
    file.catch((error: unknown) => {
      failure ??= error;
      stream.resume();
    });
  });
  await feed(req, form, () => failure !== undefined).catch((error: unknown) => {
    failure ??= error;
  });
  if (failure !== undefined) {
    // Whoever writes the file may be waiting for more of it, and must have ended before it is removed.
    (bytes as Readable | null)?.destroy();
    await (file as Promise<Taken> | null)?.catch(() => {});
    throw failure;
  }
  const taken = await (file as Promise<Taken> | null);
  if (!taken) throw invalidRequest("No content provided");
  const facts = formFacts(fields, taken.type, taken.received.size);
  if (facts.mimetype !== taken.admitted) await options.admit(facts);
  return { facts, received: taken.received };
}

interface Taken {
  type: string;
  /** The type that was let in before the bytes were taken. */
  admitted: string;
  received: Received;
}

async function takeFile(
  stream: BusboyFileStream,
  type: string,
  facts: Facts,
  { admit, draft, limit }: ReceiveOptions,
): Promise<Taken> {
  await admit(facts);
  return { type, admitted: facts.mimetype, received: await draft.write(bytesOf(stream), limit) };
}

/** The form goes on when its file is no longer wanted, and must not wait for it. */
const bytesOf = (stream: Readable): AsyncIterable<Uint8Array> => stream.iterator({ destroyOnReturn: false });

function openForm(req: IncomingMessage): BusboyInstance {
  const type = req.headers["content-type"] ?? "";
  try {
    return new Busboy({ headers: { ...req.headers, "content-type": type }, limits });
  } catch (cause) {
    throw invalidRequest("The form has no boundary", cause);
  }
}

/** Hands the body on as fast as the form takes it, until it ends or is no longer wanted. */
async function feed(req: IncomingMessage, form: BusboyInstance, unwanted: () => boolean): Promise<void> {
  let broken: Error | null = null;
  const ended = new Promise<void>((resolve) => {
    form.once("finish", resolve);
    form.once("error", (error) => {
      broken = error as Error;
      resolve();
    });
  });
  for await (const chunk of bodyOf(req)) {
    if (broken || unwanted()) break;
    if (!form.write(chunk)) await Promise.race([once(form, "drain"), ended]);
  }
  if (unwanted()) return;
  form.end();
  await ended;
  if (broken && !unwanted()) throw invalidRequest("The form is cut short", broken);
}

function formFacts(fields: Fields, type: string, size: number | null): Facts {
  return {
    mimetype: fields.contentType || type || "application/octet-stream",
    cacheControl: readCacheControl(fields.cacheControl, true),
    contentEncoding: readEncoding(fields.contentEncoding),
    userMetadata: readUserMetadata(fields.metadata ?? fields.userMetadata),
    size,
  };
}
