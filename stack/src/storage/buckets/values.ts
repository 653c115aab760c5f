import { invalidMimeType, invalidRequest, notEnabled, tooLarge } from "../errors.ts";
import { parseDecimalSize } from "../sizes.ts";

type Body = Record<string, unknown>;

/** What the caller says of a bucket; undefined: nothing. */
export interface BucketValues {
  public: boolean | undefined;
  /** Bytes. */
  sizeLimit: number | null | undefined;
  types: string[] | null | undefined;
}

/** One type, or all of a kind; what else is said of it is not kept, as on hosted. */
const typePattern =
  /^(?:([\w!#$&^.+-]+\/(?:[\w!#$&^.+-]+|\*))\s*(?:;\s*[\w-]+=(?:"[\x20-\x21\x23-\x7e]*"|[\w.+-]+)\s*)*|(\*))$/;

/**
 * @param most bytes of the greatest object of the project
 * @throws StorageError InvalidRequest, InvalidMimeType, EntityTooLarge, FeatureNotEnabled
 */
export function readBucketValues(body: Body, most: number): BucketValues {
  const { public: open, versioning_status: versioning } = body;
  if (versioning !== undefined && versioning !== null && versioning !== "DISABLED")
    throw notEnabled("versioning");
  if (open !== undefined && open !== null && typeof open !== "boolean")
    throw invalidRequest("body/public must be boolean");
  return {
    public: open ?? undefined,
    sizeLimit: readSize(body.file_size_limit, most),
    types: readTypes(body.allowed_mime_types),
  };
}

function readSize(value: unknown, most: number): number | null | undefined {
  if (value === undefined || value === null) return value;
  const size = typeof value === "string" ? parseSize(value) : value;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw invalidRequest("Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B");
  if (size > most) throw tooLarge();
  return size;
}

const parseSize = (text: string) => (/^\d+$/.test(text) ? Number(text) : parseDecimalSize(text));

function readTypes(value: unknown): string[] | null | undefined {
  if (value === undefined || value === null) return value;
  if (!Array.isArray(value)) throw invalidRequest("body/allowed_mime_types must be array");
  return [...new Set(value.map(readType))];
}

function readType(value: unknown): string {
  const text = String(value);
  const [, type, any] = (text.length <= 1000 && typePattern.exec(text.trim())) || [];
  const read = type ?? any;
  if (typeof value !== "string" || read === undefined) throw invalidMimeType(text.slice(0, 1000));
  return read.toLowerCase();
}
