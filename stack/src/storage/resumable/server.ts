import { randomUUID } from "node:crypto";
import { MemoryLocker, Server } from "@tus/server";
import { sendResponse, toRequest } from "../../gateway/adapt.ts";
import { drain } from "../../gateway/body.ts";
import { findBucket } from "../buckets/read.ts";
import { asStorageError } from "../database/failure.ts";
import { noSuchUpload, StorageError } from "../errors.ts";
import type { Call } from "../http/call.ts";
import { limitOf } from "../objects/facts.ts";
import type { Services } from "../services.ts";
import { admitNew, admitNext, readTarget } from "./admit.ts";
import { finishUpload } from "./finish.ts";
import type { Resumable } from "./resumable.ts";
import type { Session } from "./session.ts";
import { fileIdOf, type TargetedUpload, VersionStore, versionOf } from "./store.ts";
import { isBound, takenAtFirst } from "./take.ts";

const path = "/storage/v1/upload/resumable";
const id = /\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The tus server; what a request is about goes by the request itself. */
export function createServer(services: Services): Resumable {
  const sessions = new WeakMap<object, Session>();
  const sessionOf = (request: object) => {
    const session = sessions.get(request);
    if (!session) throw noSuchUpload();
    return session;
  };
  const server = new Server({
    path,
    datastore: new VersionStore(services),
    locker: new MemoryLocker(),
    async namingFunction(request, given) {
      const session = sessionOf(request);
      session.target = await readTarget(session, given);
      return fileIdOf(randomUUID());
    },
    async maxSize(request) {
      const { target } = sessionOf(request);
      return target
        ? limitOf(await findBucket(services, target.bucket), services.sizeLimit, target.name)
        : services.sizeLimit;
    },
    async onIncomingRequest(request, fileId) {
      if (request.method !== "POST") await admitNext(sessionOf(request), versionOf(fileId), request.method);
    },
    async onUploadCreate(request, upload) {
      const session = sessionOf(request);
      await admitNew(session, versionOf(upload.id), upload.metadata ?? {}, upload.size ?? null);
      const taken = await takenAtFirst(session, upload.size ?? null);
      if (session.target)
        (upload as TargetedUpload).begun = { target: session.target, taken, isBound: isBound(session) };
      return {};
    },
    async onUploadFinish(request, upload) {
      await finishUpload(sessionOf(request), versionOf(upload.id));
      return { headers: { "Tus-Complete": "1" } };
    },
    // Without a host: clients come through proxies under names that nobody here knows.
    generateUrl: (request, { id: fileId }) =>
      `${path}${sessionOf(request).signed ? "/sign" : ""}/${versionOf(fileId)}`,
    getFileIdFromRequest(request) {
      const version = id.exec(new URL(request.url).pathname)?.[1];
      return version && fileIdOf(version);
    },
    onResponseError: (_request, error) => describeRefusal(error),
  });
  return {
    handle: (call) => answer(services, server, sessions, call),
  };
}

async function answer(
  services: Services,
  server: Server,
  sessions: WeakMap<object, Session>,
  call: Call,
): Promise<void> {
  const { req, res } = call;
  const request = toRequest(req, res, "http://localhost", Number.POSITIVE_INFINITY);
  const signed = call.operation.endsWith("_signed");
  sessions.set(request, { call, signed, target: null });
  const version = id.exec(new URL(request.url).pathname)?.[1];
  const handle = () => server.handleWeb(request);
  const response = version ? await services.versions.pinned(version, handle) : await handle();
  // Who may call from elsewhere is for the gateway to say.
  for (const name of [...response.headers.keys()])
    if (name.startsWith("access-control-")) response.headers.delete(name);
  if (res.destroyed) return;
  await drain(req);
  await sendResponse(response, res);
}

function describeRefusal(error: Error | { status_code: number; body: string }) {
  const known = asStorageError(error);
  if (known instanceof StorageError) return { status_code: known.meaning, body: known.message };
  if ("status_code" in error) return undefined;
  return { status_code: 500, body: "Internal server error\n" };
}
