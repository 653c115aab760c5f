import type { DownloadOptions, FileRef, OpenedFile } from "../files/types.ts";
import type { CallOptions, Instant, Listing, ListOptions, WriteOptions } from "../types.ts";

/** A time from now: milliseconds, or a number with s, m, h, d or w. */
export type Duration = number | `${number}${"s" | "m" | "h" | "d" | "w"}`;

export interface ShareOptions extends CallOptions {
  /** From then on the link is dead; never when left out. */
  expiresAt?: Instant | undefined;
  expiresIn?: Duration | undefined;
  /** Asked of whoever opens the link. It is part of the key: nobody, the server neither, opens without it. */
  password?: string | undefined;
  /** How often it may be opened, from 1 to a million; as often as one likes when left out. */
  maxDownloads?: number | undefined;
  /** The app's page that opens links; `/s` of the page's own origin when left out. */
  page?: string | URL | undefined;
}

export interface Share {
  id: string;
  fileId: string;
  /** The version that it gives. */
  contentVersion: number;
  password: boolean;
  expiresAt: string | null;
  maxDownloads: number | null;
  /** How often it was opened. */
  downloads: number;
  lastOpenedAt: string | null;
  revokedAt: string | null;
  /** The whole link, key included; null where this device cannot open it. */
  link: string | null;
  createdAt: string;
  updatedAt: string;
  version: number;
}

export interface SharePatch {
  /** Null: never. */
  expiresAt?: Instant | null | undefined;
  expiresIn?: Duration | undefined;
  /** Null: as often as one likes. */
  maxDownloads?: number | null | undefined;
}

/** What happened to a file's links and people, as the server saw it. */
export interface ShareEvent {
  id: string;
  kind:
    | "created"
    | "changed"
    | "revoked"
    | "opened"
    | "renewed"
    | "password_refused"
    | "refused"
    | "shared"
    | "unshared";
  fileId: string;
  shareId: string | null;
  /** The account that did it; null for somebody without one. */
  userId: string | null;
  at: string;
}

export interface SharedWith {
  userId: string;
  username: string;
  since: string;
}

/** A file that a link has opened. Its bytes may be read for a day, or until the link is revoked. */
export interface OpenedShare extends OpenedFile {
  /** A small picture, where the file has one. */
  thumbnail: Blob | null;
  /** Whether it was sealed on its sender's device; the link says so, not the server. */
  encrypted: boolean;
  /** When reading ends. */
  expiresAt: string;
  /** The content, verified. @throws CRYPTO_OPEN_FAILED, ACCESS_NOT_FOUND once the link is dead, NETWORK_ codes */
  download(options?: Omit<DownloadOptions, "version">): Promise<Blob>;
  /** As `download`, piece by piece. */
  stream(options?: Omit<DownloadOptions, "version">): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** As `download`, into a stream, which is aborted where the file does not come whole. */
  save(
    target: WritableStream<Uint8Array<ArrayBuffer>>,
    options?: Omit<DownloadOptions, "version">,
  ): Promise<void>;
}

export interface Shares {
  /**
   * Makes a link to the present version of an own file. The key stands behind its `#`, which no server sees: whoever
   * has the link can open the file, and whoever has not cannot.
   *
   * @throws USAGE_INVALID, ACCESS_NOT_FOUND, CRYPTO_DEVICE, LIMIT_RATE
   * @example
   * ```ts
   * const file = await trackit.files.upload(new Blob(["two eggs"]), { name: "list.txt" });
   * const share = await trackit.shares.create(file, { expiresIn: "7d", password: "pancake", maxDownloads: 3 });
   * console.log(share.link);
   * ```
   */
  create(file: FileRef, options?: ShareOptions): Promise<Share>;
  /**
   * Links of one file, or of all, newest first; those that are over are among them.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * for await (const { link, downloads, expiresAt } of trackit.shares.list({ fileId: id }))
   *   console.log(link, downloads, expiresAt);
   * ```
   */
  list(filter?: { fileId?: string | undefined }, options?: ListOptions): Listing<Share>;
  /**
   * Changes when it ends and how often it opens, also of one that has expired or is used up; the link itself stays
   * the same. What was revoked stays dead.
   *
   * @throws USAGE_INVALID, ACCESS_NOT_FOUND, CONFLICT_VERSION
   * @example
   * ```ts
   * await trackit.shares.update(id, { expiresIn: "14d", maxDownloads: null });
   * ```
   */
  update(id: string, patch: SharePatch, options?: WriteOptions): Promise<Share>;
  /**
   * Ends it at once, for good: it opens no more, and whoever has opened it gets no further address of the bytes. Who has
   * the file or its key already keeps that.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * const { revokedAt } = await trackit.shares.revoke(id);
   * ```
   */
  revoke(id: string, options?: CallOptions): Promise<Share>;
  /**
   * What happened to what one shares, newest first: to all, to one file or to one link. Kept for a year, also when file and
   * link are gone.
   *
   * @throws NETWORK_ codes while it is read
   * @example
   * ```ts
   * for await (const { at, kind, userId } of trackit.shares.events({ fileId: id }))
   *   console.log(at, kind, userId ?? "somebody without an account");
   * ```
   */
  events(
    filter?: { fileId?: string | undefined; shareId?: string | undefined },
    options?: ListOptions,
  ): Listing<ShareEvent>;
  /**
   * Whether a link is alive and wants a password; opens and counts nothing.
   *
   * @throws ACCESS_NOT_FOUND for every link that is not alive: wrong, expired, revoked, used up; LIMIT_RATE, NETWORK_ codes
   * @example
   * ```ts
   * const { password } = await trackit.shares.look(location.href);
   * ```
   */
  look(link: string | URL, options?: CallOptions): Promise<{ password: boolean }>;
  /**
   * Opens a link, which counts as one download. Nobody has to be signed in. Where no answer comes it asks again, four
   * times in all, and is counted once: for a link that opens once, a lost answer is not the end.
   *
   * @throws ACCESS_NOT_FOUND as `look`; ACCESS_PASSWORD where it is missing or wrong; LIMIT_RATE after too many wrong
   * ones, with `retryAfter`; CRYPTO_OPEN_FAILED where what the server gives is not what was linked; NETWORK_ codes
   * @example
   * ```ts
   * const opened = await trackit.shares.open(location.href, { password: "pancake" });
   * console.log(opened.name, opened.size, await opened.download());
   * ```
   */
  open(link: string | URL, options?: CallOptions & { password?: string | undefined }): Promise<OpenedShare>;
  /**
   * Shares a file with somebody who has an account: it appears in their `files.shared()`. Its key goes by a message of
   * the direct room with them.
   *
   * @param who Username or id.
   * @throws as `rooms.direct`; LIMIT_SIZE beyond 200 people a file, FILE_INCOMPLETE, LIMIT_RATE
   * @example
   * ```ts
   * const file = await trackit.files.upload(new Blob(["two eggs"]), { name: "list.txt" });
   * await trackit.shares.shareWith(file, "ben");
   * ```
   */
  shareWith(file: FileRef, who: string, options?: CallOptions): Promise<SharedWith>;
  /**
   * Takes it back; or, for somebody else's file, takes oneself out. Who has read it keeps what they read.
   *
   * @returns whether it was shared
   * @throws USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * for (const { userId } of await trackit.shares.people(id)) await trackit.shares.unshare(id, userId);
   * ```
   */
  unshare(fileId: string, userId: string, options?: CallOptions): Promise<boolean>;
  /**
   * With whom an own file is shared by name, the first first.
   *
   * @throws USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * for (const { username, since } of await trackit.shares.people(id)) console.log(username, since);
   * ```
   */
  people(fileId: string, options?: CallOptions): Promise<SharedWith[]>;
}
