import type { Settings } from "./settings.ts";

const SPECIAL = /[\\^$+.()|[\]{}]/g;

function translateClass(pattern: string, start: number): { source: string; next: number } | null {
  const end = pattern.indexOf("]", start + 1);
  if (end < start + 2) return null;
  const inner = pattern.slice(start + 1, end);
  const negated = inner.startsWith("!");
  const set = (negated ? inner.slice(1) : inner).replace(/[\\\]^]/g, "\\$&");
  return set === "" ? null : { source: `[${negated ? "^" : ""}${set}]`, next: end + 1 };
}

/**
 * Compiles one allow-list entry. `*` and `?` stop at "." and "/", `**` does not; `[abc]`, `[!abc]` and `{a,b}` as in
 * shells; a backslash takes the next character as it is.
 */
export function compileGlob(pattern: string): RegExp {
  let source = "";
  let depth = 0;
  for (let i = 0; i < pattern.length; ) {
    const char = pattern.charAt(i);
    if (char === "*" && pattern.charAt(i + 1) === "*") {
      source += ".*";
      i += 2;
      continue;
    }
    const set = char === "[" ? translateClass(pattern, i) : null;
    if (set !== null) {
      source += set.source;
      i = set.next;
      continue;
    }
    if (char === "*") source += "[^./]*";
    else if (char === "?") source += "[^./]";
    else if (char === "{" && pattern.indexOf("}", i) > 0) {
      source += "(?:";
      depth += 1;
    } else if (char === "}" && depth > 0) {
      source += ")";
      depth -= 1;
    } else if (char === "," && depth > 0) source += "|";
    else if (char === "\\" && i + 1 < pattern.length) {
      i += 1;
      source += pattern.charAt(i).replace(SPECIAL, "\\$&").replace(/[*?]/, "\\$&");
    } else source += char.replace(SPECIAL, "\\$&");
    i += 1;
  }
  return toRegExp(depth === 0 ? source : null, pattern);
}

/** Braces that do not pair and ranges that run backwards are meant as they stand. */
function toRegExp(source: string | null, pattern: string): RegExp {
  if (source !== null) {
    try {
      return new RegExp(`^${source}$`, "su");
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return new RegExp(`^${pattern.replace(/[\\^$+.()|[\]{}*?]/g, "\\$&")}$`, "su");
}

// Browsers read a backslash as a slash and drop tabs and newlines: what a pattern saw would not be where they go.
const TREACHEROUS = /[\\\s\p{C}]/u;

function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
}

/** Decides where a mail link or sign-in may lead. */
export class Redirects {
  private readonly siteUrl: string;
  private readonly siteHost: string | null;
  private readonly patterns: readonly RegExp[];

  constructor(settings: Pick<Settings, "siteUrl" | "redirects">) {
    this.siteUrl = settings.siteUrl;
    this.siteHost = hostOf(settings.siteUrl);
    this.patterns = settings.redirects.map(compileGlob);
  }

  /** True for the site's own host over http(s), and for what the allow-list of config.toml matches. */
  allows(target: string): boolean {
    if (target === "" || TREACHEROUS.test(target)) return false;
    let url: URL;
    try {
      url = new URL(target);
    } catch {
      return false;
    }
    const web = url.protocol === "http:" || url.protocol === "https:";
    // A name before "@" is there to deceive the reader, or a loose pattern.
    if (web && (url.username !== "" || url.password !== "")) return false;
    if (web && url.hostname === this.siteHost) return true;
    const withoutFragment = target.split("#")[0] ?? "";
    return this.patterns.some((pattern) => pattern.test(withoutFragment));
  }

  /** `target` where it is allowed, else the site's address; never an error, as in the real server. */
  resolve(target: string | null): string {
    return target !== null && this.allows(target) ? target : this.siteUrl;
  }
}
