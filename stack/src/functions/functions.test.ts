import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway, type Gateway } from "../gateway/index.ts";
import { createKeys, type StackKeys } from "../keys/keys.ts";
import { createLog } from "../log.ts";
import { createFunctions, type FunctionsPart } from "./index.ts";

const sources: Record<string, string> = {
  "hello/index.ts": `import { greet } from "../_shared/greet.ts";
Deno.serve(async (request) => {
  console.log("asked");
  return Response.json({ url: request.url, greeting: greet, body: await request.text(), env: Deno.env.toObject(), headers: Object.fromEntries(request.headers) });
});`,
  "_shared/greet.ts": `export const greet: string = "hi";`,
};

let folder: string;
let keys: StackKeys;
let part: FunctionsPart;
let gateway: Gateway;
const at = (rest: string) => `http://127.0.0.1:${gateway.port}/functions/v1/${rest}`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "trackit-functions-"));
  for (const [name, text] of Object.entries(sources)) {
    const file = path.join(folder, "functions", name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await writeFile(path.join(folder, "functions", "deno.json"), `{"imports":{}}`);
  keys = await createKeys();
  const log = createLog(() => {});
  const parts = { "/functions/v1": null as unknown as FunctionsPart };
  const names = ["hello"];
  part = await createFunctions({
    project: folder,
    functions: Object.fromEntries(
      names.map((name) => [
        name,
        { verify_jwt: false, entrypoint: `../functions/${name}/index.ts`, import_map: "../functions/deno.json" },
      ]),
    ),
    runtime: { enabled: true },
    keys,
    apiUrl: "http://127.0.0.1:1",
    databaseUrl: "postgresql://postgres@127.0.0.1:2/postgres",
    dataDir: path.join(folder, "data"),
    log,
  });
  parts["/functions/v1"] = part;
  gateway = await createGateway({ port: 0, keys, parts, log });
});

afterAll(async () => {
  await gateway?.close();
  await part?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a function", () => {
  it("answers", async () => {
    const r = await fetch(at("hello/x?y=1"), { method: "POST", body: "abc", headers: { "x-request-id": "ada-asks-1" } });
    console.log(r.status, await r.text(), r.headers);
    console.log(await readFile(path.join(folder, "data/functions/functions.log"), "utf8"));
    expect(r.status).toBe(200);
  });
});
