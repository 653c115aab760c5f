import type { ChatKeys } from "../chat/index.ts";
import type { Connection } from "../connect.ts";
import { uuid7 } from "../ids/uuid7.ts";
import { listing } from "../paging/listing.ts";
import type { Listing, ListOptions } from "../types.ts";
import type {
  FileFilter,
  FileSource,
  Files,
  Folders,
  TransferOptions,
  Upload,
  UploadOptions,
} from "./types.ts";

interface Loaded {
  files: Files;
  folders: Folders;
}

export interface FileNouns {
  files: Files;
  folders: Folders;
}

/** Files of a client; everything behind them loads with the first verb. */
export function filesOn(connection: Connection, keys: ChatKeys): FileNouns {
  let loaded: Promise<Loaded> | null = null;
  const load = (): Promise<Loaded> => {
    loaded ??= import("./files.ts").then(({ makeFiles }) => makeFiles(connection, keys));
    loaded.catch(() => {
      loaded = null;
    });
    return loaded;
  };
  const verbs = (noun: "files" | "folders", names: string) =>
    Object.fromEntries(
      names.split(" ").map((verb) => [
        verb,
        async (...args: unknown[]) => {
          const all = (await load())[noun] as unknown as Record<string, (...args: unknown[]) => unknown>;
          return all[verb]?.(...args);
        },
      ]),
    );
  /** A list is read page by page, and loads with its first. */
  const lists = <Row>(
    action: string,
    options: ListOptions,
    open: (files: Files) => Listing<Row>,
  ): Listing<Row> =>
    listing(
      async (after, limit, signal) => open((await load()).files).page({ after, limit, signal }),
      options,
      action,
    );
  const uploads = (id: string, start: (files: Files) => Upload): Upload =>
    laterUpload(
      id,
      load().then(({ files }) => ({ upload: start(files) })),
    );
  const files = {
    ...verbs(
      "files",
      "send uploads cancel get download stream save update remove restore purge versions restoreVersion",
    ),
    upload: (source: FileSource, { id = uuid7(), ...options }: UploadOptions = {}) =>
      uploads(id, (all) => all.upload(source, { ...options, id })),
    uploadVersion: (id: string, source: FileSource, options?: UploadOptions) =>
      uploads(id, (all) => all.uploadVersion(id, source, options)),
    resume: (uploadId: string, source: FileSource, options?: TransferOptions) =>
      uploads(uploadId, (all) => all.resume(uploadId, source, options)),
    list: (filter: FileFilter = {}, options: ListOptions = {}) =>
      lists("files.list", options, (all) => all.list(filter, options)),
    search: (words: string, options: ListOptions = {}) =>
      lists("files.search", options, (all) => all.search(words, options)),
    shared: (options: ListOptions = {}) => lists("files.shared", options, (all) => all.shared(options)),
  };
  const folders = verbs("folders", "create list update remove restore purge");
  return { files, folders } as unknown as FileNouns;
}

/** An upload that begins once its code is there; in an object, because a promise of a promise waits for its end. */
function laterUpload(id: string, starting: Promise<{ upload: Upload }>): Upload {
  const whole = starting.then(({ upload }) => upload);
  const act = (verb: "pause" | "resume"): void =>
    void starting.then(({ upload }) => upload[verb]()).catch(() => {});
  return Object.assign(whole, {
    id,
    pause: () => act("pause"),
    resume: () => act("resume"),
    cancel: async () => (await starting).upload.cancel(),
  });
}
