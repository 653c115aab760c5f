import { Problem } from "./problem.ts";

/** What a request's body must be. */
export interface BodyRules<Body> {
  /** In bytes. */
  maxBytes: number;
  /** How many objects and arrays may lie in each other. */
  maxDepth: number;
  /** A zod schema; what it gives out is what the handler gets. */
  schema: Schema<Body>;
}

/** The part of a zod schema (classic or mini) that is used here. */
export interface Schema<Out> {
  safeParse(
    value: unknown,
  ): { success: true; data: Out } | { success: false; error: { issues: readonly Issue[] } };
}

export interface Issue {
  path: readonly PropertyKey[];
  message: string;
}

/**
 * Reads a JSON body within its bounds and checks it.
 * @throws Problem 415 where it is no JSON in UTF-8, 413 where it is too long, 400 where it cannot be read, is nested
 * too deep, has keys that reach for prototypes, or is not what the schema wants
 */
export async function readBody<Body>(request: Request, rules: BodyRules<Body>): Promise<Body> {
  checkType(request.headers);
  const text = decode(await readBytes(request, rules.maxBytes));
  const value = parse(text);
  checkShape(value, rules.maxDepth);
  const checked = rules.schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue?.path.map(String).join(".");
  throw new Problem(400, "USAGE_INVALID", `The body${field ? `'s ${field}` : ""} is invalid`, {
    ...(field ? { field } : {}),
    ...(issue ? { rule: issue.message } : {}),
  });
}

function checkType(headers: Headers): void {
  const type = headers.get("content-type") ?? "";
  const [name = "", ...parameters] = type
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters
    .find((one) => one.startsWith("charset="))
    ?.slice(8)
    .replaceAll('"', "");
  const isJson = name === "application/json" || /^application\/[\w.+-]+\+json$/.test(name);
  const encoding = headers.get("content-encoding") ?? "identity";
  if (isJson && (charset ?? "utf-8") === "utf-8" && encoding === "identity") return;
  const rule = "content-type application/json in UTF-8, without content-encoding";
  throw new Problem(415, "USAGE_REQUEST", `The body is ${describe(type, encoding)}, want JSON`, { rule });
}

const describe = (type: string, encoding: string) =>
  encoding === "identity" ? `"${type.slice(0, 80)}"` : `encoded as "${encoding.slice(0, 40)}"`;

async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limit) throw tooLong(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLong(limit);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const tooLong = (limit: number) =>
  new Problem(413, "LIMIT_SIZE", `The body is too long, want at most ${limit} bytes`, {
    rule: `at most ${limit} bytes`,
  });

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Problem(400, "USAGE_REQUEST", "The body is not valid UTF-8", { rule: "UTF-8", cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8's message quotes the body.
    throw new Problem(400, "USAGE_REQUEST", "The body is not valid JSON", { rule: "JSON", cause });
  }
}

/** Walks without recursion: the depth that is measured must not be the one that ends the walk. */
function checkShape(root: unknown, maxDepth: number): void {
  const open: { value: object; depth: number }[] = [];
  const visit = (value: unknown, depth: number) => {
    if (typeof value !== "object" || value === null) return;
    if (depth > maxDepth)
      throw new Problem(400, "USAGE_DEPTH", `The body is nested too deep, want at most ${maxDepth} levels`, {
        rule: `at most ${maxDepth} levels`,
      });
    open.push({ value, depth });
  };
  visit(root, 1);
  for (let item = open.pop(); item; item = open.pop()) {
    if (!Array.isArray(item.value)) refusePrototypes(item.value);
    for (const value of Object.values(item.value)) visit(value, item.depth + 1);
  }
}

// Harmless as they stand; whoever copies them by assignment changes every object of the process.
function refusePrototypes(value: object): void {
  const inner: unknown = Object.hasOwn(value, "constructor") ? value.constructor : null;
  const reaches = typeof inner === "object" && inner !== null && Object.hasOwn(inner, "prototype");
  if (!Object.hasOwn(value, "__proto__") && !reaches) return;
  const field = reaches ? "constructor.prototype" : "__proto__";
  throw new Problem(
    400,
    "USAGE_INVALID",
    `The body has a key ${field}, want none that reaches for prototypes`,
    {
      field,
      rule: "no __proto__, no constructor.prototype",
    },
  );
}
