import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** What a function's process tells the stack through its prelude. */
export interface Told {
  ready?: true;
  pending?: number;
  log?: "debug" | "info" | "warn" | "error";
  message?: string;
  request_id?: string;
}

/** The longest line that is kept of a function's own output, in characters: the hosted platform's bound. */
const longest = 10_000;

/** The longest line of the prelude: such a message with every character escaped. */
const longestTold = 6 * longest + 1_000;

/**
 * Reads a process' output line by line: what bears the mark is a message of the prelude, all else plain words.
 * Colours are taken out, so that a log is text; the rest of a line without end is thrown away.
 */
export function readOutput(
  stream: Readable,
  mark: string,
  onTold: (told: Told) => void,
  onPlain: (line: string) => void,
): void {
  const take = (line: string) => {
    const told = line.startsWith(mark) ? parse(line.slice(mark.length)) : null;
    if (told) onTold(told);
    else if (line.trim() !== "") onPlain(line.replace(colours, "").slice(0, longest));
  };
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const [first = "", ...others] = decoder.write(chunk).split("\n");
    rest = (rest + first).slice(0, longestTold);
    for (const next of others) {
      take(rest);
      rest = next.slice(0, longestTold);
    }
  });
  stream.on("end", () => take(rest));
}

// Written as a code point: an escape character in a pattern reads as a mistake.
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

function parse(text: string): Told | null {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return null;
  }
}
