import type { CallOptions, Listing, ListOptions, WriteOptions } from "../types.ts";

/** Bytes to send. A stream that can be read once is sent once: it cannot go on after a restart. */
export type FileSource =
  | Blob
  | Uint8Array
  | { size: number; stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> };

/** Why a file's name and content cannot be shown on this device, and what helps. */
export interface FileProblem {
  cause: string;
  next: string;
}

export interface StoredFile {
  id: string;
  ownerId: string;
  /** Null: in no folder. */
  folderId: string | null;
  /** The room that it is attached to. */
  roomId: string | null;
  /** `reserved` until its first version is there whole. */
  state: "reserved" | "ready";
  encrypted: boolean;
  /** Null where this device cannot open it: `problem` says why. */
  name: string | null;
  /** Media type; empty where none is known. */
  type: string;
  /** Of the content, in bytes; null where this device cannot open it. */
  size: number | null;
  /** What it takes of the quota: bytes at the server. */
  storedSize: number;
  /** A small picture, made on the device that sent it (WebP, JPEG or PNG). */
  thumbnail: Blob | null;
  /** Number of the present version, from 1; null before the first. */
  contentVersion: number | null;
  problem: FileProblem | null;
  createdAt: string;
  updatedAt: string;
  uploadedAt: string | null;
  /** In the trash since; null when it is not. */
  deletedAt: string | null;
  /** Raised by every edit of name or place. */
  version: number;
}

export interface FileVersion {
  number: number;
  storedSize: number;
  state: "reserved" | "ready";
  createdAt: string;
  completedAt: string | null;
}

export interface Progress {
  /** Bytes that the server has, or that have come. */
  done: number;
  /** Bytes in all; with encryption slightly more than the content's. */
  total: number;
}

export interface TransferOptions extends CallOptions {
  onProgress?: ((progress: Progress) => void) | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** 1 to 255 bytes, no slashes; a `File` has one of its own. */
  name?: string | undefined;
  /** Media type; a `Blob` has one of its own. */
  type?: string | undefined;
  folderId?: string | null | undefined;
  /** Sealed on this device before it leaves it; true when left out. */
  encrypt?: boolean | undefined;
  /**
   * A small picture of at most 16 KiB to go with it, sealed as the name is. `auto`, when left out: made of images where
   * the page has a canvas. False: none. Files that are not encrypted have none.
   */
  thumbnail?: Blob | "auto" | false | undefined;
  /** UUID, so that a repeated call is the same file; a new one when left out. */
  id?: string | undefined;
}

/** An upload under way. It is a promise of the file, and can be held. */
export interface Upload extends Promise<StoredFile> {
  /** The file's id. */
  readonly id: string;
  /** Stops sending until `resume()`; what the server has stays there. */
  pause(): void;
  resume(): void;
  /** Gives it up: the promise ends with NETWORK_ABORTED, and its space is free again. */
  cancel(): Promise<void>;
}

/** An upload that a page or process before this one has begun. */
export interface BegunUpload {
  uploadId: string;
  fileId: string;
  name: string | null;
  type: string;
  /** Of the content, in bytes; null where another device has begun it. */
  size: number | null;
  storedSize: number;
  /** Whether this device can go on with it: `resume` needs the same source again. */
  resumable: boolean;
  /** The version that it makes the newest again: `restoreVersion` goes on with it, and needs no source. Null for others. */
  restores: number | null;
  startedAt: string;
  /** When the server gives its space free. */
  expiresAt: string;
}

export interface SendFilesOptions extends CallOptions {
  /** Said with them; empty when left out. */
  caption?: string | undefined;
  /** For sources without a name of their own, in their order. */
  names?: readonly string[] | undefined;
  /** Id of the message that is answered. */
  replyTo?: string | undefined;
  /** Tells of one file after the other, from 0. */
  onProgress?: ((progress: Progress & { file: number; files: number }) => void) | undefined;
}

export interface DownloadOptions extends TransferOptions {
  /** An older version's number; the present one when left out. Own files only. */
  version?: number | undefined;
  /** First byte of a part; 0 when left out. */
  from?: number | undefined;
  /** The byte behind its last; the end when left out. */
  to?: number | undefined;
}

export interface OpenedFile {
  name: string;
  type: string;
  size: number;
}

export interface FileFilter {
  /** Directly in this folder; null: in none. Left out: wherever they are. */
  folderId?: string | null | undefined;
  /** What is in the trash instead. */
  trash?: boolean | undefined;
}

export interface FilePatch {
  name?: string | undefined;
  /** Null: in none. */
  folderId?: string | null | undefined;
  /** A small picture of at most 16 KiB; null: none. Of encrypted files alone. */
  thumbnail?: Blob | null | undefined;
}

export interface SharedFile extends StoredFile {
  sharedAt: string;
  owner: { id: string; username: string };
}

/** What of a file to read: its id, it, or an attachment of a message. */
export type FileRef = string | StoredFile | Attachment;

/** A file as it stands in a message. Give it to `files.download`, `stream` or `save`. */
export interface Attachment {
  readonly fileId: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly thumbnail: Blob | null;
}

export interface Files {
  /**
   * Sends a file. By default it is sealed here: neither its name nor its type nor its content reaches the server.
   *
   * In parts of 6 MiB, each sent again where the line fails; `signal` ends it and gives its space back.
   *
   * @throws USAGE_INVALID, LIMIT_SIZE, LIMIT_QUOTA, LIMIT_FILES, USAGE_REFERENCE (the folder), CONFLICT_ID,
   * CRYPTO_DEVICE, NETWORK_ codes
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
   * Sends a new version of an own file. The ones before are kept, as many as `versions` tells. A file that is not
   * encrypted takes none unless `encrypt: false` is said once more.
   *
   * @throws as `upload`; USAGE_INVALID where `encrypt` is not as the file was begun
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
  /** Uploads that were begun and are not whole. */
  uploads(options?: CallOptions): Promise<BegunUpload[]>;
  /**
   * Goes on with an upload after a restart, from the same source: at most one part is sent twice.
   *
   * @throws FILE_CHANGED where the source is another than before: send it anew; ACCESS_NOT_FOUND
   */
  resume(uploadId: string, source: FileSource, options?: TransferOptions): Upload;
  /** Gives one up. */
  cancel(uploadId: string, options?: CallOptions): Promise<void>;
  /** @throws ACCESS_NOT_FOUND */
  get(id: string, options?: CallOptions): Promise<StoredFile>;
  /** Newest first. */
  list(filter?: FileFilter, options?: ListOptions): Listing<StoredFile>;
  /** Own files whose name has these words, found on this device. */
  search(words: string, options?: ListOptions): Listing<StoredFile>;
  /** What others have shared with this account, newest first. */
  shared(options?: ListOptions): Listing<SharedFile>;
  /**
   * A file's content, whole or a part, verified.
   *
   * @throws ACCESS_NOT_FOUND, CRYPTO_OPEN_FAILED (changed or cut on the way), CRYPTO_DEVICE, NETWORK_ codes
   * @example
   * ```ts
   * const file = await trackit.files.upload(new Blob(["two eggs"]), { name: "list.txt" });
   * console.log(await (await trackit.files.download(file)).text());
   * ```
   */
  download(file: FileRef, options?: DownloadOptions): Promise<Blob>;
  /**
   * As `download`, piece by piece. Each piece is authentic; that none is missing at the end shows when the stream ends
   * well: throw away what was kept of one that does not.
   */
  stream(
    file: FileRef,
    options?: DownloadOptions,
  ): Promise<{ file: OpenedFile; stream: ReadableStream<Uint8Array<ArrayBuffer>> }>;
  /**
   * As `download`, into any stream: a file in the origin's private file system, or `fileTarget(path)` of
   * `@trackit/sdk/node`. A target is aborted where the file does not come whole.
   */
  save(
    file: FileRef,
    target: WritableStream<Uint8Array<ArrayBuffer>>,
    options?: DownloadOptions,
  ): Promise<OpenedFile>;
  /** Changes name or folder. @throws CONFLICT_VERSION, USAGE_REFERENCE */
  update(id: string, patch: FilePatch, options?: WriteOptions): Promise<StoredFile>;
  /** Puts it into the trash: links and people lose it at once. It is erased after 30 days. */
  remove(id: string, options?: WriteOptions): Promise<StoredFile>;
  /** Takes it out of the trash. */
  restore(id: string, options?: WriteOptions): Promise<StoredFile>;
  /** Erases files that are in the trash. @returns how many */
  purge(ids: string | readonly string[], options?: CallOptions): Promise<number>;
  /** Newest first. */
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

export interface Folder {
  id: string;
  parentId: string | null;
  /** Null where this device cannot open it. */
  name: string | null;
  /** Folders above it. */
  depth: number;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
  version: number;
}

export interface Folders {
  /** @throws USAGE_DEPTH beyond ten, LIMIT_FOLDERS, USAGE_REFERENCE, CONFLICT_ID */
  create(
    folder: { name: string; parentId?: string | null | undefined; id?: string | undefined },
    options?: CallOptions,
  ): Promise<Folder>;
  /** All own folders, those in the trash when asked for. */
  list(filter?: { trash?: boolean | undefined }, options?: CallOptions): Promise<Folder[]>;
  /** Changes name or parent. @throws USAGE_CYCLE, USAGE_DEPTH, CONFLICT_VERSION */
  update(
    id: string,
    patch: { name?: string | undefined; parentId?: string | null | undefined },
    options?: WriteOptions,
  ): Promise<Folder>;
  /** Puts it into the trash with all in it. */
  remove(id: string, options?: WriteOptions): Promise<Folder>;
  restore(id: string, options?: WriteOptions): Promise<Folder>;
  /** Erases a folder that is in the trash, and all in it. @returns how many files */
  purge(id: string, options?: CallOptions): Promise<number>;
}
