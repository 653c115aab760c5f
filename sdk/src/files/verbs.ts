import type { CallOptions, Listing, ListOptions, WriteOptions } from "../types.ts";
import type {
  BegunUpload,
  DownloadOptions,
  FileFilter,
  FilePatch,
  FileRef,
  FileSource,
  FileVersion,
  OpenedFile,
  SendFilesOptions,
  SharedFile,
  StoredFile,
  TransferOptions,
  Upload,
  UploadOptions,
} from "./types.ts";

/** Files of whoever is signed in. Any verb may end with AUTH_REQUIRED, NETWORK_ codes, and CRYPTO_DEVICE. */
export interface Files {
  /**
   * Sends a file. By default it is sealed here: neither its name nor its type nor its content reaches the server.
   *
   * In parts of 6 MiB, each sent again where the line fails; `signal` ends it and gives its space back.
   *
   * @param source A Blob or File, bytes, `fileSource(path)` of `@trackit/sdk/node`, or any `{ size, stream() }`.
   * @throws USAGE_INVALID, LIMIT_SIZE, LIMIT_QUOTA, LIMIT_FILES, USAGE_REFERENCE (the folder), CONFLICT_ID,
   * FILE_CHANGED where the source has not the size that it said
   * @example
   * ```ts
   * const blob = new Blob(["two eggs"], { type: "text/plain" });
   * const upload = trackit.files.upload(blob, {
   *   name: "shopping.txt",
   *   onProgress: ({ done, total }) => console.log(done / total),
   * });
   * const file = await upload;
   * ```
   */
  upload(source: FileSource, options?: UploadOptions): Upload;
  /**
   * Sends a new version of an own file. The ones before are kept, as many as `versions` tells. It goes by the name that
   * the file has in the end, unless it is given one. A file that is not encrypted takes none unless `encrypt: false` is
   * said once more. Called again with the same source object after it has failed, it goes on, in the space that it has.
   *
   * @throws as `upload`; ACCESS_NOT_FOUND; USAGE_INVALID where `encrypt` is not as the file was begun
   * @example
   * ```ts
   * const file = await trackit.files.get(id);
   * await trackit.files.uploadVersion(file.id, new Blob(["three eggs"]));
   * ```
   */
  uploadVersion(id: string, source: FileSource, options?: Omit<UploadOptions, "folderId" | "id">): Upload;
  /**
   * Sends up to ten files into a room, as one message: its members can open them, and nobody else.
   *
   * @returns The message's id; it has arrived.
   * @throws as `upload` and `room.send`
   * @example
   * ```ts
   * const room = await trackit.rooms.direct("ben");
   * await trackit.files.send(room.id, new File(["<gpx/>"], "run.gpx"), { caption: "our way" });
   * room.on("message", async ({ content }) => {
   *   if (content?.kind !== "files") return;
   *   for (const file of content.files) console.log(file.name, await trackit.files.download(file));
   * });
   * ```
   */
  send(
    roomId: string,
    sources: FileSource | readonly FileSource[],
    options?: SendFilesOptions,
  ): Promise<string>;
  /**
   * Uploads that were begun and are not whole, the oldest first: on this device, or on another (`resumable: false`).
   *
   * @throws AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * for (const { name, uploadId, resumable } of await trackit.files.uploads())
   *   if (!resumable) await trackit.files.cancel(uploadId);
   *   else console.log(`${name} can go on`);
   * ```
   */
  uploads(options?: CallOptions): Promise<BegunUpload[]>;
  /**
   * Goes on with an upload after a restart, from the same source: at most one part is sent twice.
   *
   * @throws FILE_CHANGED where the source is another than before: send it anew; ACCESS_NOT_FOUND where this device has
   * begun no such upload, or its day is over
   * @example
   * ```ts
   * import { fileSource } from "@trackit/sdk/node";
   *
   * const [begun] = await trackit.files.uploads();
   * if (begun?.resumable) await trackit.files.resume(begun.uploadId, await fileSource("holiday.mp4"));
   * ```
   */
  resume(uploadId: string, source: FileSource, options?: TransferOptions): Upload;
  /**
   * Gives an upload up: its space is free again, and a file that has no other version is gone. One that is whole stays.
   *
   * @throws USAGE_INVALID
   * @example
   * ```ts
   * for (const { uploadId } of await trackit.files.uploads()) await trackit.files.cancel(uploadId);
   * ```
   */
  cancel(uploadId: string, options?: CallOptions): Promise<void>;
  /**
   * A file by its id: an own one, or one that this account may read.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * const { name, size, thumbnail, problem } = await trackit.files.get(id);
   * console.log(problem ? `${problem.cause}: ${problem.next}` : name, size, thumbnail);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<StoredFile>;
  /**
   * Own files, newest first: all, those of one folder, those in the trash, or those that were sent into rooms.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * for await (const { name, size } of trackit.files.list({ folderId: null })) console.log(name, size);
   * const { rows, next } = await trackit.files.list().page({ limit: 50 });
   * ```
   */
  list(filter?: FileFilter, options?: ListOptions): Listing<StoredFile>;
  /**
   * Own files in whose name all these words, or parts of words, stand, letter case aside. Found on this device, which reads
   * the whole list for it: the server knows no name.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * const [found] = await trackit.files.search("winter journey").toArray({ max: 1 });
   * ```
   */
  search(words: string, options?: ListOptions): Listing<StoredFile>;
  /**
   * What others have shared with this account by name, newest first.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * for await (const { name, owner } of trackit.files.shared()) console.log(`${name} of ${owner.username}`);
   * ```
   */
  shared(options?: ListOptions): Listing<SharedFile>;
  /**
   * A file's content, whole or a part, verified. Its type is told to the browser only where it cannot run there.
   *
   * @throws ACCESS_NOT_FOUND, CRYPTO_OPEN_FAILED (changed or cut on the way), USAGE_INVALID for a part that it has not
   * @example
   * ```ts
   * const file = await trackit.files.upload(new Blob(["two eggs"]), { name: "list.txt" });
   * console.log(await (await trackit.files.download(file)).text());
   * const three = await trackit.files.download(file, { from: 0, to: 3 });
   * ```
   */
  download(file: FileRef, options?: DownloadOptions): Promise<Blob>;
  /**
   * As `download`, piece by piece. Each piece is authentic; that none is missing at the end shows when the stream ends
   * well: throw away what was kept of one that does not.
   *
   * @throws as `download`; what fails later fails the stream
   * @example
   * ```ts
   * const { file, stream } = await trackit.files.stream(id, { version: 1 });
   * const reader = stream.getReader();
   * for (let read = 0, step = await reader.read(); !step.done; step = await reader.read())
   *   console.log((read += step.value.length) / file.size);
   * ```
   */
  stream(
    file: FileRef,
    options?: DownloadOptions,
  ): Promise<{ file: OpenedFile; stream: ReadableStream<Uint8Array<ArrayBuffer>> }>;
  /**
   * As `download`, into any stream: a file in the origin's private file system, or `fileTarget(path)` of
   * `@trackit/sdk/node`. A target is aborted where the file does not come whole.
   *
   * @throws as `download`, and what the target throws
   * @example
   * ```ts
   * const folder = await navigator.storage.getDirectory();
   * const handle = await folder.getFileHandle("film.mp4", { create: true });
   * await trackit.files.save(id, await handle.createWritable());
   * ```
   */
  save(
    file: FileRef,
    target: WritableStream<Uint8Array<ArrayBuffer>>,
    options?: DownloadOptions,
  ): Promise<OpenedFile>;
  /**
   * Changes name, folder or small picture. What another device has changed at the same moment stays changed; with a
   * `version` it is refused instead.
   *
   * @throws CONFLICT_VERSION, USAGE_REFERENCE (the folder), USAGE_INVALID, ACCESS_NOT_FOUND, CRYPTO_OPEN_FAILED
   * @example
   * ```ts
   * const folder = await trackit.folders.create({ name: "Travels" });
   * await trackit.files.update(id, { name: "Peru.jpg", folderId: folder.id });
   * ```
   */
  update(id: string, patch: FilePatch, options?: WriteOptions): Promise<StoredFile>;
  /**
   * Puts it into the trash: links and people lose it at once. It is erased after 30 days.
   *
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION, FILE_INCOMPLETE for what is under way: cancel that
   * @example
   * ```ts
   * const { deletedAt } = await trackit.files.remove(id);
   * ```
   */
  remove(id: string, options?: WriteOptions): Promise<StoredFile>;
  /**
   * Takes it out of the trash, to where it was, or to no folder if that is gone.
   *
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION, LIMIT_FILES
   * @example
   * ```ts
   * for await (const { id } of trackit.files.list({ trash: true })) await trackit.files.restore(id);
   * ```
   */
  restore(id: string, options?: WriteOptions): Promise<StoredFile>;
  /**
   * Erases files that are in the trash, with all their versions and links. What is not in it stays.
   *
   * @returns how many
   * @throws USAGE_INVALID
   * @example
   * ```ts
   * const all = await trackit.files.list({ trash: true }).toArray();
   * console.log(await trackit.files.purge(all.map(({ id }) => id)));
   * ```
   */
  purge(ids: string | readonly string[], options?: CallOptions): Promise<number>;
  /**
   * What is kept of an own file, newest first: ten versions, unless the project keeps more. Read one by
   * `download(id, { version })`.
   *
   * @throws USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * for (const { number, createdAt } of await trackit.files.versions(id)) console.log(number, createdAt);
   * ```
   */
  versions(id: string, options?: CallOptions): Promise<FileVersion[]>;
  /**
   * Makes an older version the present one: its content and small picture, under the name that the file has.
   *
   * Of an encrypted file it becomes the newest, and its bytes are sent again: they are sealed for the number that they
   * had, and whoever has seen a higher one takes no lower (protocol.md §5). They are read and sent piece by piece; called
   * again after a restart it goes on where it stopped. A plain file's older version is put in its place by the server.
   *
   * @throws ACCESS_NOT_FOUND where that version is not kept any more, CRYPTO_OPEN_FAILED, and as `uploadVersion`
   * @example
   * ```ts
   * const file = await trackit.files.upload(new Blob(["two eggs"]), { name: "list.txt" });
   * await trackit.files.uploadVersion(file.id, new Blob(["three eggs"]));
   * const [, first] = await trackit.files.versions(file.id);
   * if (first) await trackit.files.restoreVersion(file.id, first.number);
   * ```
   */
  restoreVersion(id: string, number: number, options?: TransferOptions): Upload;
}
