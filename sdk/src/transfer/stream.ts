import type { ExportStream } from "./types.ts";

/** Pieces of text, made anew for each who reads them. */
export function exportStream(pieces: () => AsyncIterable<string>): ExportStream {
  return {
    [Symbol.asyncIterator]: () => pieces()[Symbol.asyncIterator](),
    async text() {
      const parts: string[] = [];
      for await (const part of pieces()) parts.push(part);
      return parts.join("");
    },
  };
}
