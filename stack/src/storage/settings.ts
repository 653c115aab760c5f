import { parseBinarySize } from "./sizes.ts";

/** `[storage.buckets.NAME]` of config.toml. */
export interface BucketConfig {
  public?: boolean;
  /** As in `[storage]`; default its value. */
  file_size_limit?: string;
  /** Types such as "image/png" and "image/*"; empty or missing: any. */
  allowed_mime_types?: string[];
  /** Folder, seen from `supabase/`, whose files are put into the bucket where it has none of that name. */
  objects_path?: string;
}

/** `[storage]` of config.toml; keys and defaults are the CLI's own. */
export interface StorageConfig {
  enabled: boolean;
  /** The greatest object, such as "50MiB". */
  file_size_limit: string;
  image_transformation: { enabled: boolean };
  buckets: Record<string, BucketConfig>;
}

export const storageDefaults: StorageConfig = {
  enabled: true,
  file_size_limit: "50MiB",
  image_transformation: { enabled: true },
  buckets: {},
};

/**
 * Checks what the defaults cannot be compared with: sizes, and the buckets.
 * @throws Error naming key, value and what is wanted
 */
export function checkStorage({ file_size_limit, buckets }: StorageConfig): void {
  checkSize("storage.file_size_limit", file_size_limit);
  for (const [name, bucket] of Object.entries(buckets)) {
    const key = `storage.buckets.${name}`;
    if (typeof bucket !== "object" || bucket === null || Array.isArray(bucket))
      throw wrong(key, bucket, "a table");
    checkBucket(key, bucket);
  }
}

function checkBucket(key: string, bucket: BucketConfig): void {
  const { public: open, file_size_limit, allowed_mime_types: types, objects_path } = bucket;
  if (open !== undefined && typeof open !== "boolean") throw wrong(`${key}.public`, open, "true or false");
  if (file_size_limit !== undefined) checkSize(`${key}.file_size_limit`, file_size_limit);
  if (types !== undefined && !(Array.isArray(types) && types.every((type) => typeof type === "string")))
    throw wrong(`${key}.allowed_mime_types`, types, "a list of texts");
  if (objects_path !== undefined && typeof objects_path !== "string")
    throw wrong(`${key}.objects_path`, objects_path, "text");
}

function checkSize(key: string, value: unknown): void {
  if (typeof value !== "string" || parseBinarySize(value) === null)
    throw wrong(key, value, 'a size such as "50MiB"');
}

const wrong = (key: string, value: unknown, wanted: string) =>
  new Error(`${key} is ${JSON.stringify(value)}; want ${wanted}`);
