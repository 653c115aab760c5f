import { StorageError } from "../errors.ts";

/** Rules of one word, and rules with a value. @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Robots-Tag */
const plain = /^(?:all|none|noindex|nofollow|nosnippet|indexifembedded|notranslate|noimageindex)$/;
const valued =
  /^(?:max-snippet: *(?:-1|\d+)|max-video-preview: *(?:-1|\d+)|max-image-preview: *(?:none|standard|large))$/;
const dated = /^unavailable_after:(.*)$/s;
/** Rules may be meant for one robot. */
const robot = /^[\w-]+:\s*(?=\S)/;

/**
 * What search engines are to be told of an object; null: what they are told of everything.
 * @param header `x-robots-tag` of an upload
 * @throws StorageError InvalidXRobotsTag
 */
export function readRobots(header: string | string[] | undefined): string | null {
  if (header === undefined || header === "") return null;
  const text = String(header).trim();
  const pieces = text.split(",").map((piece) => piece.trim());
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    // Dates carry a comma of their own.
    if (!isRule(piece) && dated.test(bare(piece)) && pieces.length > 0) piece = `${piece}, ${pieces.shift()}`;
    if (!isRule(piece)) throw invalid(piece);
  }
  return text;
}

const bare = (piece: string) => (valued.test(piece) || dated.test(piece) ? piece : piece.replace(robot, ""));

function isRule(piece: string): boolean {
  const rule = bare(piece);
  const date = dated.exec(rule)?.[1];
  return plain.test(rule) || valued.test(rule) || (date !== undefined && !Number.isNaN(Date.parse(date)));
}

const invalid = (rule: string) =>
  new StorageError(
    "InvalidXRobotsTag",
    400,
    `Invalid X-Robots-Tag header: Invalid X-Robots-Tag rule: "${rule.slice(0, 200)}"`,
    { word: "invalid_x_robots_tag" },
  );
