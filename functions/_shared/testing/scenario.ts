import type { CredentialName } from "./credentials.ts";

/** One request to a function and what must come of it; told once, run against every place where functions run. */
export interface Scenario {
  name: string;
  who: CredentialName;
  method?: string;
  headers?: Record<string, string>;
  /** A string or bytes as they are, anything else as JSON. */
  body?: unknown;
  want: {
    status: number;
    /** The code of a refusal. */
    code?: string;
    /** Parts of the answer's JSON. */
    json?: Record<string, unknown>;
    headers?: Record<string, string | null>;
  };
}

/** What a scenario was answered with, in the same shape as its `want`. */
export interface Heard {
  status: number;
  code?: string;
  json: unknown;
  headers: Headers;
}

/** The request of a scenario. */
export function requestOf(scenario: Scenario, url: string, credentials: Record<string, string>): Request {
  const { method = "POST", body } = scenario;
  const headers = new Headers({ ...credentials, ...scenario.headers });
  if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const sent = body === undefined ? null : raw ? (body as BodyInit) : JSON.stringify(body);
  return new Request(url, { method, headers, body: sent });
}

export async function hear(response: Response): Promise<Heard> {
  const text = await response.text();
  const json: unknown = text === "" ? null : JSON.parse(text);
  const code = typeof json === "object" && json !== null && "code" in json ? { code: String(json.code) } : {};
  return { status: response.status, ...code, json, headers: response.headers };
}

/** What differs between what was wanted and what was heard, in words; nothing when all is right. */
export function differences({ want }: Scenario, heard: Heard): string[] {
  const json = (heard.json ?? {}) as Record<string, unknown>;
  const pairs: [string, unknown, unknown][] = [
    ["status", want.status, heard.status],
    ...(want.code === undefined ? [] : ([["code", want.code, heard.code]] as [string, unknown, unknown][])),
    ...Object.entries(want.json ?? {}).map(([key, value]): [string, unknown, unknown] => [
      key,
      value,
      json[key],
    ]),
    ...Object.entries(want.headers ?? {}).map(([key, value]): [string, unknown, unknown] => [
      key,
      value,
      heard.headers.get(key),
    ]),
  ];
  const wrong = pairs.filter(([, wanted, got]) => JSON.stringify(wanted) !== JSON.stringify(got));
  const found = wrong.map(
    ([what, wanted, got]) => `${what} is ${JSON.stringify(got)}, want ${JSON.stringify(wanted)}`,
  );
  return want.code === undefined ? found : [...found, ...faultsOfProblem(json)];
}

/** A refusal is `{code, message, request_id}` and tells nothing of the inside. */
function faultsOfProblem(json: Record<string, unknown>): string[] {
  const { message, request_id } = json;
  const faults: string[] = [];
  if (typeof message !== "string" || message === "") faults.push("a refusal has no message");
  if (typeof request_id !== "string") faults.push("a refusal has no request_id");
  if (/\bat .*:\d+|node_modules|file:\/\/|select |insert /.test(JSON.stringify(json)))
    faults.push(`a refusal tells of the inside: ${JSON.stringify(json)}`);
  return faults;
}
