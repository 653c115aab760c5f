import path from "node:path";
import type { DeepPartial } from "./config/merge.ts";
import { readConfig } from "./config/project.ts";
import type { ProjectConfig } from "./config/schema.ts";
import { takeDataDirectory } from "./data/directory.ts";
import { inPlainWords } from "./data/plain-words.ts";
import type { StackEnv } from "./env.ts";
import { type Started, startParts } from "./parts.ts";
import { PortTakenError } from "./process/port.ts";

export interface StackOptions {
  /** Folder that holds `supabase/`; default the working directory. */
  project?: string;
  /** Data directory; default `.trackit` in the project. */
  data?: string;
  /** Data in a folder of its own that goes with the stack; default false. */
  ephemeral?: boolean;
  /** First of the ports; 0 picks free ones; default those of config.toml. */
  port?: number;
  /** Serve the web app of the project where it is built; default true. */
  web?: boolean;
  /** Run the seed files on an empty database; default true. */
  seed?: boolean;
  /** Values that win over config.toml. */
  config?: DeepPartial<ProjectConfig>;
}

/** A running stack. */
export interface Stack {
  env: StackEnv;
  /** The data directory. */
  data: string;
  /** Versions of the migrations that this start applied. */
  migrated: string[];
  /** Process id of the database server, which changes when it is killed and started again. */
  postgresPid(): number;
  /** Stops every part and gives the data directory back; safe to call twice. */
  stop(): Promise<void>;
}

/** Free ports are picked anew this often when another program takes one between choice and opening. */
const attempts = 3;

/**
 * Starts Postgres, REST, Auth, Storage, Realtime, functions, mail and the web app of a Supabase project, and applies its migrations.
 * @throws AlreadyRunningError, PortTakenError, MigrationChangedError, or Error in plain words; nothing is left running
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      const mayRetry = options.port === 0 && error instanceof PortTakenError;
      if (!mayRetry || attempt === attempts) throw error;
    }
  }
}

async function startOnce(options: StackOptions): Promise<Stack> {
  const project = path.resolve(options.project ?? ".");
  const config = await readConfig(project, options.config);
  if (options.seed === false) config.db.seed.enabled = false;
  const folder = options.ephemeral ? null : path.resolve(options.data ?? path.join(project, ".trackit"));
  const directory = await takeDataDirectory(folder);
  const closing: Closing[] = [() => directory.release()];
  const stop = once(() => closeAll(closing));
  try {
    const parts = await startParts({
      project,
      config,
      directory,
      closing,
      web: options.web !== false,
      firstPort: options.port,
    });
    await directory.announce(parts.env);
    return describe(parts, directory.path, stop);
  } catch (error) {
    await stop().catch(() => {});
    throw inPlainWords(error, directory.path);
  }
}

function describe({ env, migrated, postgresPid }: Started, data: string, stop: Closing): Stack {
  return { env, data, migrated, postgresPid, stop };
}

type Closing = () => Promise<void>;

/** Closes in the reverse order of opening; a part that fails to close does not keep the others open. */
async function closeAll(closing: Closing[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closing.splice(0).reverse()) await close().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= action();
    return done;
  };
}
