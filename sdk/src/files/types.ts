import type { CallOptions } from "../types.ts";

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
  /** Null: in no folder, or somebody else's. */
  folderId: string | null;
  /** The room that it is attached to; null of somebody else's, unless one is in that room. */
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

/**
 * An upload under way. It is a promise of the file, and can be held.
 *
 * @example
 * ```ts
 * const upload = trackit.files.upload(new Blob(["a long film"]), { name: "film.mp4" });
 * upload.pause();
 * upload.resume();
 * console.log((await upload).name);
 * ```
 */
export interface Upload extends Promise<StoredFile> {
  /** The file's id; of `resume`, the upload's. */
  readonly id: string;
  /** Stops sending until `resume()`; what the server has stays there. */
  pause(): void;
  /** Goes on where it was held: what the server has is not sent again. */
  resume(): void;
  /** Gives it up: the promise ends with NETWORK_ABORTED, and its space is free again. What is whole already stays. */
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
  /** What is in the trash instead, the latest first. */
  trash?: boolean | undefined;
  /** What was sent into rooms instead: it stands in no folder, and takes its part of the quota. */
  attachments?: boolean | undefined;
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
  /** With the username that they have signed; the server's word where they have no keys yet. */
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
