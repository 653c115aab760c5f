import type { Scenario } from "../_shared/testing/scenario.ts";
import { MAX_BYTES, MAX_DEPTH } from "./limits.ts";

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const refused = (name: string, who: Scenario["who"], code: string): Scenario => ({
  name: `${name} is refused (401 ${code})`,
  who,
  body: { a: "x" },
  want: { status: 401, code },
});
const bad = (
  name: string,
  body: unknown,
  status: number,
  code: string,
  more: Partial<Scenario> = {},
): Scenario => ({
  name: `${name} is refused (${status} ${code})`,
  who: "publishable",
  body,
  want: { status, code },
  ...more,
});

const callers: Scenario[] = [
  ...(["publishable", "secret", "legacy anon", "legacy service", "user"] as const).map(
    (who): Scenario => ({
      name: `a caller with ${who} is answered`,
      who,
      body: { title: "a < b" },
      want: { status: 200, json: { value: { title: "a < b" } } },
    }),
  ),
  refused("a caller who shows nothing", "none", "AUTH_KEY"),
  refused("an unknown key", "unknown key", "AUTH_KEY"),
  refused("the secret key as a token", "secret as token", "AUTH_KEY"),
  refused("the legacy secret key as a token", "service key as token", "AUTH_REQUIRED"),
  refused("an expired token", "expired", "AUTH_REQUIRED"),
  refused("a forged token", "forged", "AUTH_REQUIRED"),
  refused("another project's token", "other project", "AUTH_REQUIRED"),
  refused("a token of another issuer", "other issuer", "AUTH_REQUIRED"),
  refused("a token for another audience", "other audience", "AUTH_REQUIRED"),
  refused("a token without end", "no end", "AUTH_REQUIRED"),
  refused("a token signed with a secret for a public key", "key confusion", "AUTH_REQUIRED"),
  refused("an unsigned token", "unsigned", "AUTH_REQUIRED"),
  refused("a token that is none", "rubbish", "AUTH_REQUIRED"),
  refused("another scheme", "another scheme", "AUTH_REQUIRED"),
];

const bodies: Scenario[] = [
  bad("no content type", new TextEncoder().encode("{}"), 415, "USAGE_REQUEST", {
    headers: { "content-type": "" },
  }),
  bad("a form", "a=b", 415, "USAGE_REQUEST", {
    headers: { "content-type": "application/x-www-form-urlencoded" },
  }),
  bad("another charset", "{}", 415, "USAGE_REQUEST", {
    headers: { "content-type": "application/json; charset=latin1" },
  }),
  bad("a compressed body", "{}", 415, "USAGE_REQUEST", { headers: { "content-encoding": "gzip" } }),
  bad("an empty body", "", 400, "USAGE_REQUEST"),
  bad("half a JSON", '{"a":', 400, "USAGE_REQUEST"),
  bad("broken UTF-8", new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 400, "USAGE_REQUEST"),
  bad("an overlong NUL", new Uint8Array([0x22, 0xc0, 0x80, 0x22]), 400, "USAGE_REQUEST"),
  bad("1,000-deep JSON", nested(1000), 400, "USAGE_DEPTH"),
  bad("half a million levels", nested(MAX_BYTES / 2), 400, "USAGE_DEPTH"),
  bad("50 MB", "[".repeat(50_000_000), 413, "LIMIT_SIZE"),
  bad("one byte too much", `"${"x".repeat(MAX_BYTES - 1)}"`, 413, "LIMIT_SIZE"),
  bad("a key __proto__", '{"a":[{"__proto__":{"admin":true}}]}', 400, "USAGE_INVALID"),
  bad("a key constructor.prototype", '{"constructor":{"prototype":{"admin":true}}}', 400, "USAGE_INVALID"),
  bad("a GET", undefined, 405, "USAGE_REQUEST", { method: "GET" }),
  bad("a PUT", { a: 1 }, 405, "USAGE_REQUEST", { method: "PUT" }),
  {
    name: "as many levels and bytes as may be are answered",
    who: "publishable",
    body: `${nested(MAX_DEPTH)}${" ".repeat(MAX_BYTES - 2 * MAX_DEPTH)}`,
    want: { status: 200 },
  },
  ...[null, true, 0, -1.5e300, "", "constructor", [], {}, { constructor: "Ferrari" }].map(
    (value): Scenario => ({
      name: `${JSON.stringify(value)} comes back as it is`,
      who: "publishable",
      body: JSON.stringify(value),
      want: { status: 200, json: { value } },
    }),
  ),
  {
    name: "JSON under a name of its own is JSON",
    who: "publishable",
    headers: { "content-type": 'application/problem+json; charset="UTF-8"' },
    body: '"ã"',
    want: { status: 200, json: { value: "ã" } },
  },
];

const cleaning: Scenario[] = [
  {
    name: "dangerous elements go, and the report says where",
    who: "user",
    body: { title: "Run <script>steal()</script>fast", pace: ["a < b", "x<-y", "List<String>"] },
    want: {
      status: 200,
      json: {
        value: { title: "Run fast", pace: ["a < b", "x<-y", "List< String>"] },
        report: [
          { path: "/title", in: "value", kinds: ["element"], elements: ["script"], before: 32, after: 8 },
          { path: "/pace/2", in: "value", kinds: ["markup"], elements: [], before: 12, after: 13 },
        ],
        changed: true,
        omitted: 0,
      },
    },
  },
  bad("two keys that become one", { "a<b": 1, "a< b": 2 }, 400, "USAGE_INVALID"),
];

const cors: Scenario[] = [
  {
    name: "a preflight is answered without a key",
    who: "none",
    method: "OPTIONS",
    headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    want: {
      status: 204,
      headers: { "access-control-allow-origin": "*", "access-control-allow-methods": "GET, POST, OPTIONS" },
    },
  },
  {
    name: "a browser may read a refusal",
    who: "none",
    headers: { origin: "https://app.example" },
    body: {},
    want: { status: 401, code: "AUTH_KEY", headers: { "access-control-allow-origin": "*" } },
  },
  {
    name: "the request's id comes back",
    who: "publishable",
    headers: { "x-request-id": "ada-asks-0003" },
    body: {},
    want: { status: 200, headers: { "x-request-id": "ada-asks-0003" } },
  },
];

/** What callers of `sanitize` may expect of its door. */
export const scenarios: readonly Scenario[] = [...callers, ...bodies, ...cleaning, ...cors];
