import { mkdir } from "node:fs/promises";
import type { NodePart } from "../gateway/node-part.ts";
import type { StackKeys } from "../keys/keys.ts";
import type { Log } from "../part.ts";
import { ensureBuckets } from "./buckets/configured.ts";
import { seedObjects } from "./buckets/seed.ts";
import { openDatabase } from "./database/database.ts";
import { backupUnderWay, startSweep } from "./disk/sweep.ts";
import { createVersions } from "./disk/versions.ts";
import { answer } from "./http/answer.ts";
import { createImageRenderer } from "./images/render.ts";
import { createResumable } from "./resumable/resumable.ts";
import type { Services } from "./services.ts";
import type { StorageConfig } from "./settings.ts";
import { createSigner } from "./signed/token.ts";
import { parseBinarySize } from "./sizes.ts";

export interface StorageOptions {
  /** As supabase_storage_admin. */
  databaseUrl: string;
  keys: Pick<StackKeys, "jwtSecret">;
  /** `[storage]` of config.toml. */
  config: StorageConfig;
  /** Folder of the objects' bytes; made when missing. */
  folder: string;
  /** What `objects_path` of a bucket is seen from; null: no bucket is filled. */
  seedFrom: string | null;
  /** Nothing outlives the process. */
  ephemeral: boolean;
  log: Log;
}

/**
 * Serves storage-api's paths below /storage/v1 for an unmodified storage-js.
 * @throws Error when the database has no schema for it
 */
export async function createStorage(options: StorageOptions): Promise<NodePart> {
  const { config, folder, ephemeral, log } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const database = openDatabase(options.databaseUrl, log);
  const mayRemove = async () => (await database.rows(backupUnderWay)).length === 0;
  const versions = createVersions({ folder, durable: !ephemeral, mayRemove });
  const services: Services = {
    database,
    versions,
    signer: createSigner(options.keys.jwtSecret),
    images: createImageRenderer(config.image_transformation.enabled),
    resumable: createResumable(() => services),
    sizeLimit: parseBinarySize(config.file_size_limit) ?? 0,
    durable: !ephemeral,
    log,
  };
  try {
    await ensureBuckets(database, config.buckets);
    if (options.seedFrom !== null) await seedObjects(services, options.seedFrom, config.buckets);
  } catch (error) {
    await database.close();
    throw error;
  }
  const sweep = startSweep({ database, versions, log });
  return {
    handle: (req, res, context) => answer(services, req, res, context),
    fetch: async () => new Response(null, { status: 501 }),
    async close() {
      await sweep.stop();
      await database.close();
    },
  };
}
