import { encode } from "uqr";

/** Pixels of one square in a picture of its own: large enough to be printed. */
const SQUARE = 12;

/** The squares of a QR code, with the light edge of four that the standard asks for. */
export function qrSquares(text: string): { size: number; dark: [x: number, y: number][] } {
  const { data, size } = encode(text, { ecc: "M", border: 4 });
  const dark = data.flatMap((row, y) => row.flatMap((on, x): [number, number][] => (on ? [[x, y]] : [])));
  return { size, dark };
}

/** A text as a QR code in a PNG. */
export async function qrPicture(text: string): Promise<Blob> {
  const { size, dark } = qrSquares(text);
  const canvas = new OffscreenCanvas(size * SQUARE, size * SQUARE);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("a QR code cannot be drawn: this browser gives no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  for (const [x, y] of dark) pen.fillRect(x * SQUARE, y * SQUARE, SQUARE, SQUARE);
  return canvas.convertToBlob({ type: "image/png" });
}
