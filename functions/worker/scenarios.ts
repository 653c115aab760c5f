import type { Scenario } from "../_shared/testing/scenario.ts";

const idle = { done: 0, repeated: 0, failed: 0, dead: 0, left: 0 };

const refused = (who: Scenario["who"], status: number, code: string): Scenario => ({
  name: `${who} is refused (${status} ${code})`,
  who,
  body: {},
  want: { status, code },
});

const bad = (name: string, body: unknown, status = 400, code = "USAGE_INVALID"): Scenario => ({
  name: `${name} is refused (${status} ${code})`,
  who: "secret",
  body,
  want: { status, code },
});

/** Who may call the worker, and with what; told where its queues are empty. */
export const scenarios: readonly Scenario[] = [
  ...(["secret", "legacy service"] as const).map(
    (who): Scenario => ({
      name: `the schedule, with ${who}, is answered`,
      who,
      body: {},
      want: { status: 200, json: { jobs: idle, mail: idle, files: idle } },
    }),
  ),
  refused("none", 401, "AUTH_KEY"),
  refused("publishable", 401, "AUTH_REQUIRED"),
  refused("legacy anon", 401, "AUTH_REQUIRED"),
  refused("user", 403, "ACCESS_DENIED"),
  refused("unknown key", 401, "AUTH_KEY"),
  refused("secret as token", 401, "AUTH_KEY"),
  ...(
    [
      "expired",
      "forged",
      "other project",
      "other issuer",
      "other audience",
      "no end",
      "key confusion",
      "unsigned",
      "rubbish",
      "another scheme",
      "service key as token",
    ] as const
  ).map((who) => refused(who, 401, "AUTH_REQUIRED")),
  {
    name: "one queue alone may be asked for",
    who: "secret",
    body: { queues: ["mail"], seconds: 1, visibility: 5, quantity: 10 },
    want: { status: 200, json: { mail: idle } },
  },
  bad("a queue that is none", { queues: ["elsewhere"] }),
  bad("more time than there is", { seconds: 1000 }),
  bad("a claim without end", { visibility: 100_000 }),
  bad("all jobs at once", { quantity: 1_000_000 }),
  bad("a key that nobody knows", { sql: "select 1" }),
  bad("no JSON", "{", 400, "USAGE_REQUEST"),
  bad("a long body", JSON.stringify({ queues: ["x".repeat(2000)] }), 413, "LIMIT_SIZE"),
];
