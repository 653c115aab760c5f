import type { FileHandle } from "node:fs/promises";
import type { Sharp, SharpOptions } from "sharp";
import { Turns } from "../../auth/turns.ts";
import type { ObjectRow } from "../database/rows.ts";
import { invalidRequest, notEnabled, tooLarge } from "../errors.ts";
import type { Transform } from "./options.ts";
import { isPicture } from "./sniff.ts";

export interface Rendered {
  type: string;
  bytes: Buffer;
}

export interface ImageRenderer {
  /**
   * @param accepts the caller's Accept header
   * @throws StorageError FeatureNotEnabled, InvalidRequest, EntityTooLarge
   */
  render(row: ObjectRow, handle: FileHandle, transform: Transform, accepts: string): Promise<Rendered>;
}

type OpenImage = (input: Buffer, options: SharpOptions) => Sharp;

/** Pictures are taken apart in memory: hosted's limits. SVG is a program of its own and is not drawn here. */
const mostBytes = 25 * 1024 * 1024;
const mostPixels = 50_000_000;
const formats: Record<string, Format> = {
  "image/jpeg": "jpeg",
  "image/png": "png",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/gif": "gif",
};
type Format = "jpeg" | "png" | "webp" | "avif" | "gif";

const feature = "imageTransformation";

/** At once; each takes the memory of a whole picture. */
const places = 2;

/** @param enabled `[storage.image_transformation]` */
export function createImageRenderer(enabled: boolean): ImageRenderer {
  const turns = new Turns(places);
  let library: Promise<OpenImage> | null = null;
  return {
    async render(row, handle, transform, accepts) {
      if (!enabled) throw notEnabled(feature, ": it is switched off in config.toml");
      const stored = formats[row.metadata?.mimetype.split(";")[0]?.trim() ?? ""];
      if (!stored) throw invalidRequest("The object is no image that can be transformed");
      if ((await handle.stat()).size > mostBytes) throw tooLarge("image");
      library ??= loadLibrary();
      const open = await library.catch((error: unknown) => {
        library = null;
        throw error;
      });
      const format = formatFor(stored, transform, accepts);
      return turns.run(async () => draw(open, await handle.readFile(), transform, format));
    },
  };
}

// An optional dependency: where npm could not install it, everything else works.
async function loadLibrary(): Promise<OpenImage> {
  try {
    const { default: sharp } = await import("sharp");
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  } catch (cause) {
    throw notEnabled(feature, ": it needs the optional package sharp, which is not installed", cause);
  }
}

function formatFor(stored: Format, { format }: Transform, accepts: string): Format {
  if (format === "origin") return stored;
  if (format === "avif") return "avif";
  return /image\/webp/i.test(accepts) ? "webp" : stored;
}

async function draw(
  open: OpenImage,
  bytes: Buffer,
  { width, height, resize = "cover", quality = 80 }: Transform,
  format: Format,
): Promise<Rendered> {
  if (!isPicture(bytes)) throw damaged();
  const fit = { cover: "cover", contain: "inside", fill: "fill" } as const;
  try {
    // Turned as the camera says; what else it says of place and owner is left out.
    const drawn = open(bytes, { limitInputPixels: mostPixels })
      .rotate()
      .resize({
        ...(width ? { width } : {}),
        ...(height ? { height } : {}),
        fit: fit[resize],
        withoutEnlargement: resize !== "fill",
      });
    const options = format === "gif" ? {} : { quality };
    return { type: `image/${format}`, bytes: await drawn.toFormat(format, options).toBuffer() };
  } catch (cause) {
    throw damaged(cause);
  }
}

const damaged = (cause?: unknown) =>
  invalidRequest("The image cannot be transformed: it is damaged or too large", cause);
