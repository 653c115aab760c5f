import { showUntil } from "../chat/room/back.ts";
import type { RoomEngine } from "../chat/room/engine.ts";
import { openRoom } from "../chat/rooms.ts";
import { fromHex } from "../crypto/bytes/index.ts";
import type { FileInfo } from "../crypto/file/index.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { briefly } from "../retry/again.ts";
import { held } from "./attachment.ts";
import type { Desk } from "./desk.ts";
import { checkId } from "./id.ts";
import type { FileSource, Progress, SendFilesOptions, StoredFile } from "./types.ts";
import { ATTACHED, startUpload } from "./upload/upload.ts";

const MOST = 10;
const NO_REPLY = new Uint8Array(32);

/** Sends files into a room: each is sealed and stored first, then one message hands their keys to the members. */
export async function sendFiles(
  desk: Desk,
  roomId: string,
  sources: FileSource | readonly FileSource[],
  options: SendFilesOptions,
): Promise<string> {
  const action = "files.send";
  checkId(roomId, action);
  const all = Array.isArray(sources) ? (sources as readonly FileSource[]) : [sources as FileSource];
  if (all.length < 1 || all.length > MOST) throw invalid(action, "sources", all.length, `1 to ${MOST} files`);
  const { caption = "", replyTo, signal } = options;
  const core = await desk.keys.core(action);
  await openRoom(core, roomId, action); // Before anything is sent: whoever is no member sends no file.
  const files = await uploadAll(desk, roomId, all, options);
  const engine = await core.rooms.get(roomId);
  if (!engine) throw new TrackItError("ACCESS_NOT_FOUND", `${action}: room ${roomId} was closed`);
  const entry = replyTo === undefined ? null : await answered(engine, replyTo, action, signal);
  const reply = entry?.hash ? fromHex(entry.hash) : NO_REPLY;
  return engine.sender.send({ kind: "files", reply, caption, files: files.map(infoOf) }, signal);
}

/** The message that is answered, also where it stands further back than what is at hand. */
async function answered(engine: RoomEngine, id: string, action: string, signal?: AbortSignal) {
  await showUntil(engine, () => engine.thread.find(id) !== undefined, action, signal);
  const entry = engine.thread.find(id);
  if (entry) return entry;
  throw new TrackItError("ACCESS_NOT_FOUND", `${action}: there is no message ${id} to answer`);
}

/** Stores them, and lets the room's members read them. */
async function uploadAll(
  desk: Desk,
  room: string,
  sources: readonly FileSource[],
  { names = [], onProgress, signal }: SendFilesOptions,
): Promise<StoredFile[]> {
  const progress: Progress[] = sources.map(() => ({ done: 0, total: 0 }));
  const files: StoredFile[] = [];
  try {
    for (const [at, source] of sources.entries()) {
      const tell = (one: Progress): void => {
        progress[at] = one;
        onProgress?.({ file: at, files: sources.length, ...one });
      };
      const given = { name: names[at], onProgress: tell, signal, [ATTACHED]: true };
      files.push(await startUpload(desk, source, given));
    }
    for (const { id } of files)
      await briefly(() => desk.ask("attach_file", { file: id, room }, "files.send", signal), signal);
    return files;
  } catch (error) {
    // What no message will speak of is taken back, as far as the network lets it be.
    await Promise.allSettled(files.map(({ id }) => discard(desk, id)));
    throw error;
  }
}

async function discard(desk: Desk, id: string): Promise<void> {
  await desk.ask("change_file", { id, changes: { trashed: true } }, "files.send");
  await desk.ask("purge_files", { ids: [id] }, "files.send");
}

function infoOf(file: StoredFile): FileInfo {
  const found = held.get(file);
  if (found) return found.info;
  throw new TrackItError("CRYPTO_OPEN_FAILED", `files.send: file ${file.id} does not open on this device`);
}
