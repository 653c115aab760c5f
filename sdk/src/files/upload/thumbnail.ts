import { invalid } from "../../failure/invalid.ts";

/** The longer side in pixels, and the most bytes that go with a file. */
const SIDE = 192;
const MOST = 16_384;
/** Beyond that decoding would cost more memory than a small picture is worth. */
const LARGEST = 50 * 1_048_576;
const PICTURE = /^image\/(png|jpeg|webp|gif|avif|bmp)$/;

/** The small picture that goes with a file: the given one, or one made here; empty for none. */
export async function thumbnailFor(
  blob: Blob | null,
  wanted: Blob | "auto" | false,
  action: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (wanted === false) return new Uint8Array();
  if (wanted !== "auto") {
    if (wanted.size > MOST) throw invalid(action, "thumbnail", wanted.size, `at most ${MOST} bytes`);
    return bytesOf(wanted);
  }
  const canDraw = typeof createImageBitmap === "function" && typeof OffscreenCanvas === "function";
  if (!blob || !canDraw || !PICTURE.test(blob.type) || blob.size > LARGEST) return new Uint8Array();
  // A picture that the browser cannot read is sent all the same.
  return draw(blob).catch(() => new Uint8Array());
}

async function draw(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const picture = await createImageBitmap(blob);
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const size = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(size[0] ?? 1, size[1] ?? 1);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of [0.75, 0.5, 0.25]) {
    const small = await canvas.convertToBlob({ type: "image/webp", quality });
    if (small.size <= MOST) return bytesOf(small);
  }
  return new Uint8Array();
}

const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blob.arrayBuffer());
