import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { type Configstore, FileStore } from "@tus/file-store";
import { Upload } from "@tus/server";
import { syncFile, syncFolder } from "../disk/durable.ts";
import { uploadLifetimeHours } from "../disk/sweep.ts";
import type { Services } from "../services.ts";
import { beginUpload, dropUpload, finishedAs, readUpload, saveSize } from "./rows.ts";

/** The file of an upload, below the folder of versions: the bytes are written where they will stay. */
export const fileIdOf = (version: string) => `${version.slice(0, 2)}/${version}`;
export const versionOf = (fileId: string) => fileId.slice(3);

/** Keeps what arrived of an upload as the version that it becomes, and what it is about in the database. */
export class VersionStore extends FileStore {
  readonly #durable: boolean;
  /** What is being written to files now: of a part that was cut off, for a moment longer than its lock is held. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(services: Services) {
    super({
      directory: services.versions.folder,
      configstore: new UploadRows(services),
      expirationPeriodInMilliseconds: uploadLifetimeHours * 3_600_000,
    });
    this.#durable = services.durable;
  }

  // The row first: a file without one is swept.
  override async create(upload: Upload): Promise<Upload> {
    await this.configstore.set(upload.id, upload);
    const file = path.join(this.directory, upload.id);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, "", { mode: 0o600, flag: "wx" });
    if (this.#durable) await syncFolder(path.dirname(file));
    upload.storage = { type: "file", path: file };
    return upload;
  }

  // An offset that is told while the file still grows is refused when its part comes, which was then sent for nothing.
  override async getUpload(fileId: string): Promise<Upload> {
    await this.#writing.get(fileId);
    return super.getUpload(fileId);
  }

  override async write(readable: Readable, fileId: string, offset: number): Promise<number> {
    const writing = this.#keep(readable, fileId, offset);
    const settled = writing.catch(() => {}).finally(() => this.#writing.delete(fileId));
    this.#writing.set(fileId, settled);
    return writing;
  }

  // What the client is told has arrived must have: it does not send it again. What came before a cut is written as well.
  async #keep(readable: Readable, fileId: string, offset: number): Promise<number> {
    const cut: unknown[] = [];
    async function* whatComes(): AsyncGenerator<Uint8Array> {
      try {
        yield* readable;
      } catch (error) {
        cut.push(error);
      }
    }
    const end = await super.write(Readable.from(whatComes(), { objectMode: false }), fileId, offset);
    if (this.#durable) await syncFile(path.join(this.directory, fileId));
    if (cut.length > 0) throw cut[0];
    return end;
  }
}

/** Rows of storage.s3_multipart_uploads as the protocol's library wants them. */
class UploadRows implements Configstore {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  async get(fileId: string): Promise<Upload | undefined> {
    const version = versionOf(fileId);
    const row = await readUpload(this.#services, version);
    if (row)
      return new Upload({
        id: fileId,
        offset: 0,
        ...(row.size === null ? {} : { size: row.size }),
        metadata: row.given,
        creation_date: row.created_at.toISOString(),
      });
    const finished = await finishedAs(this.#services, version);
    return finished ? new Upload({ id: fileId, offset: finished.size, size: finished.size }) : undefined;
  }

  async set(fileId: string, upload: Upload): Promise<void> {
    const { begun } = upload as TargetedUpload;
    const [version, size] = [versionOf(fileId), upload.size ?? null];
    if (!begun) return saveSize(this.#services, version, size);
    const { bucket, name, owner, upsert } = begun.target;
    const { taken, isBound } = begun;
    const row = { version, bucket, name, owner, upsert, size, given: upload.metadata ?? {}, taken };
    await beginUpload(this.#services, row, isBound);
  }

  delete(fileId: string): Promise<void> {
    return dropUpload(this.#services, versionOf(fileId));
  }
}

/** Where an upload is to go; known from its creation on. */
export interface UploadTarget {
  bucket: string;
  name: string;
  owner: string | null;
  upsert: boolean;
}

/** An upload that is being created. */
export type TargetedUpload = Upload & {
  begun?: { target: UploadTarget; taken: number; isBound: boolean };
};
