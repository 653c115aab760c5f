/** How the formats that are drawn begin; null: any byte. */
const beginnings: (number | null)[][] = [
  [0xff, 0xd8, 0xff],
  [0x89, ...bytesOf("PNG")],
  bytesOf("GIF8"),
  [...bytesOf("RIFF"), null, null, null, null, ...bytesOf("WEBP")],
  // A container of boxes, the first of which tells that it holds AVIF, or pictures that may be AVIF.
  ...["avif", "avis", "mif1", "miaf"].map((brand) => [null, null, null, null, ...bytesOf(`ftyp${brand}`)]),
];

function bytesOf(text: string): number[] {
  return [...Buffer.from(text, "latin1")];
}

/**
 * Whether bytes are of a format that is drawn, whatever their object is said to be. The library looks for itself, and
 * would draw programs such as SVG and PDF as well.
 */
export const isPicture = (bytes: Uint8Array): boolean =>
  beginnings.some((beginning) => beginning.every((byte, at) => byte === null || byte === bytes[at]));
