import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

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

/**
 * Reads a process' output line by line: what bears the mark is a message of the prelude, all else plain words.
 * Colours are taken out, so that a log is text.
 */
export function readOutput(
  stream: Readable,
  mark: string,
  onTold: (told: Told) => void,
  onPlain: (line: string) => void,
): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
    const told = line.startsWith(mark) ? parse(line.slice(mark.length)) : null;
    if (told) onTold(told);
    else if (line.trim() !== "") onPlain(line.replace(colours, "").slice(0, longest));
  });
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
