import type { ChatKeys } from "../chat/index.ts";
import type { Connection } from "../connect.ts";
import { uuid7 } from "../ids/uuid7.ts";
import { lazyList, lazyVerbs, onceLoaded } from "../lazy.ts";
import type { ListOptions } from "../types.ts";
import type { Folders } from "./folder-types.ts";
import type { Upload, UploadOptions } from "./types.ts";
import type { Files } from "./verbs.ts";

export interface FileNouns {
  files: Files;
  folders: Folders;
}

/** Files of a client; everything behind them loads with the first verb. */
export function filesOn(connection: Connection, keys: ChatKeys): FileNouns {
  const loaded = onceLoaded(async () => (await import("./files.ts")).makeFiles(connection, keys));
  const load = async (): Promise<Files> => (await loaded()).files;
  const later = (id: string, start: (files: Files) => Upload): Upload => laterUpload(id, load(), start);
  const files = {
    ...lazyVerbs(
      load,
      "files",
      "send uploads cancel get download stream save update remove restore purge versions",
    ),
    upload: (source, { id = uuid7(), ...options }: UploadOptions = {}) =>
      later(id, (all) => all.upload(source, { ...options, id })),
    uploadVersion: (id, source, options) => later(id, (all) => all.uploadVersion(id, source, options)),
    restoreVersion: (id, number, options) => later(id, (all) => all.restoreVersion(id, number, options)),
    resume: (id, source, options) => later(id, (all) => all.resume(id, source, options)),
    list: (filter, options: ListOptions = {}) =>
      lazyList(load, "files.list", options, (all) => all.list(filter, options)),
    search: (words, options: ListOptions = {}) =>
      lazyList(load, "files.search", options, (all) => all.search(words, options)),
    shared: (options: ListOptions = {}) =>
      lazyList(load, "files.shared", options, (all) => all.shared(options)),
  } as Files;
  const folders = lazyVerbs(
    async () => (await loaded()).folders,
    "folders",
    "create list update remove restore purge",
  );
  return { files, folders: folders as unknown as Folders };
}

/** An upload that begins once its code is there; in an object, because a promise of a promise waits for its end. */
function laterUpload(id: string, loading: Promise<Files>, start: (files: Files) => Upload): Upload {
  const starting = loading.then((files) => ({ upload: start(files) }));
  const act = (verb: "pause" | "resume"): void =>
    void starting.then(({ upload }) => upload[verb]()).catch(() => {});
  const made = starting.then(({ upload }) => upload);
  return Object.assign(made, {
    id,
    pause: () => act("pause"),
    resume: () => act("resume"),
    cancel: async () => {
      made.catch(() => {}); // Whoever gives it up need not wait for it as well.
      await (await starting).upload.cancel();
    },
  });
}
