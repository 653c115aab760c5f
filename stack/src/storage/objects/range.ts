/** Bytes, both ends included. */
export interface Span {
  first: number;
  last: number;
}

/**
 * What a Range header asks for. Several ranges at once, and what is no range of bytes, are answered with everything.
 * @see RFC 9110, section 14.2
 */
export function parseRange(header: string | undefined, size: number): Span | "unsatisfiable" | null {
  const [, from = "", to = ""] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? "") ?? [];
  if (from === "" && to === "") return null;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return null;
  return first >= size ? "unsatisfiable" : { first, last };
}
