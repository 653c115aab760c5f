/** Files and links that are wrong: a typed error or a harmless answer, nothing stored, and the next call works. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FileSource, UploadOptions } from "../../sdk/src/index.ts";
import { createHttp, type Http } from "../support/http.ts";
import { type Talker, talker } from "./chat-kit.ts";
import { type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Talker;
let http: Http;
beforeAll(async () => {
  kit = await startSdkKit();
  http = createHttp(kit.stack.env.API_URL);
  ada = await talker(kit, "ada");
});
afterAll(async () => {
  http?.close();
  await kit?.stop();
});

/** What there is: of files, of reservations, of objects, and of bytes that are taken. */
const stored = async (): Promise<string> => {
  const [row] = await kit.sql`
    select (select count(*) from public.files) as files, (select count(*) from public.file_versions) as versions,
      (select count(*) from storage.objects) as objects`;
  const used = (await ada.trackit.limits.list()).find(({ kind }) => kind === "bytes")?.used;
  return JSON.stringify({ ...row, used });
};
const misuse = { code: "USAGE_INVALID" };

describe("an upload by the SDK", () => {
  const names = [
    "",
    ".",
    "..",
    "a/b",
    "..\\keys",
    "a\0b",
    "a\nb",
    "\x7f",
    "x".repeat(256),
    "é".repeat(128),
    "photo\u202egpj.exe",
  ];
  it.each([true, false])(
    "of a name that names nothing is refused unsent (encrypted: %s)",
    async (encrypt) => {
      const before = await stored();
      for (const name of names)
        await expect(ada.trackit.files.upload(randomBytes(3), { name, encrypt }), name).rejects.toMatchObject(
          {
            code: /^USAGE_/,
          },
        );
      expect(await stored()).toBe(before);
    },
  );

  it("of twins in Unicode is of one name, composed", async () => {
    const two = ["Übersicht é.txt", "U\u0308bersicht e\u0301.txt"].map((name) =>
      ada.trackit.files.upload(randomBytes(3), { name }),
    );
    expect((await Promise.all(two)).map(({ name }) => name)).toEqual(["Übersicht é.txt", "Übersicht é.txt"]);
  });

  const wrong: [string, FileSource, UploadOptions][] = [
    ["no source", null as never, { name: "a" }],
    ["a size that is none", { size: -1, stream: () => new Blob([]).stream() }, { name: "a" }],
    ["half a byte", { size: 0.5, stream: () => new Blob([]).stream() }, { name: "a" }],
    ["no stream", { size: 1 } as never, { name: "a" }],
    ["an id that is none", randomBytes(1), { name: "a", id: "../../a" }],
    ["a type that is none", randomBytes(1), { name: "a", type: "é" }],
    ["a type that is too long", randomBytes(1), { name: "a", type: "x".repeat(128) }],
    [
      "a thumbnail that is too large",
      randomBytes(1),
      { name: "a", thumbnail: new Blob([randomBytes(16_385)]) },
    ],
  ];
  it.each(wrong)("of %s is refused unsent", async (_, source, options) => {
    const before = await stored();
    await expect(ada.trackit.files.upload(source, options)).rejects.toMatchObject(misuse);
    expect(await stored()).toBe(before);
  });

  it.each([
    [10, 9],
    [10, 11],
    [7_000_000, 6_999_999],
    [7_000_000, 7_000_001],
  ])(
    "that says %d bytes and has %d is no file, and gives its space back when it is given up",
    async (says, has) => {
      const before = await stored();
      for (const encrypt of [true, false]) {
        const source = { size: says, stream: () => new Blob([new Uint8Array(has)]).stream() };
        const upload = ada.trackit.files.upload(source, { name: "a.bin", encrypt });
        await expect(upload).rejects.toMatchObject({ code: "FILE_CHANGED" });
        await ada.trackit.files.cancel(upload.id);
      }
      expect(await stored()).toBe(before);
    },
  );

  it.each([
    [-1, 2],
    [2, 1],
    [0, 11],
    [0.5, 2],
    [Number.NaN, 2],
  ])("is read from %d to %d by nobody, and a target for it is let go of", async (from, to) => {
    const file = await ada.trackit.files.upload(randomBytes(10), { name: "a" });
    let cause: unknown = null;
    const target = () =>
      new WritableStream({
        abort: (reason) => {
          cause = reason;
        },
      });
    await expect(ada.trackit.files.save(file, target(), { from, to })).rejects.toMatchObject(misuse);
    expect(cause).toMatchObject(misuse);
    await expect(ada.trackit.files.save(crypto.randomUUID(), target())).rejects.toMatchObject({
      code: "ACCESS_NOT_FOUND",
    });
    expect(cause).toMatchObject({ code: "ACCESS_NOT_FOUND" });
  });

  it.each(["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript"])(
    "of %s with a script is given back as bytes that nothing runs, and served so that no page runs it",
    async (type) => {
      const script = new Blob(["<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"], { type });
      for (const encrypt of [true, false]) {
        const file = await ada.trackit.files.upload(script, { name: "a", encrypt });
        expect((await ada.trackit.files.download(file)).type).toBe("application/octet-stream");
        const { headers } = await storage("GET", `authenticated/files/${ada.id}/${file.id}/1`);
        expect(headers["x-content-type-options"]).toBe("nosniff");
        const isText = headers["content-type"] === "text/plain; charset=utf-8";
        expect(isText || headers["content-disposition"]?.startsWith("attachment")).toBe(true);
        expect(headers["content-security-policy"]).toMatch(/sandbox/);
      }
    },
  );
});

/** A request to Storage as ada, whose path goes out as it is. */
async function storage(method: string, path: string, body?: Buffer) {
  const { data } = await ada.trackit.supabase.auth.getSession();
  const headers = {
    apikey: kit.stack.env.PUBLISHABLE_KEY,
    authorization: `Bearer ${data.session?.access_token}`,
    "content-type": "application/octet-stream",
  };
  return http.send({ method, path: `/storage/v1/object/${path}`, headers, body });
}

describe("Storage's own door to a reservation of ada's", () => {
  it("takes the reserved bytes under the reserved name alone", async () => {
    const id = crypto.randomUUID();
    const { data } = await ada.trackit.supabase.rpc("reserve_file", { id, size: 5 });
    expect((data as { upload: { path: string } }).upload.path).toBe(`${ada.id}/${id}/1`);
    const before = await stored();
    const five = Buffer.from("hello");
    const paths = [
      `files/${ada.id.toUpperCase()}/${id}/1`,
      `files/${ada.id}/${id}/01`,
      `files/${ada.id}/${id}/2`,
      `files/${ada.id}/${id}/1//`,
      `files/${ada.id}/${id}/%31%00`,
      `files/${ada.id}//${id}/1`,
      `files/${ada.id}/x/../${id}/1`,
      `files/${ada.id}/${id}/%EF%BC%91`,
      `files/${ada.id}%2f..%2f${id}/1`,
      `nowhere/${ada.id}/${id}/1`,
    ];
    for (const path of paths) {
      const { status } = await storage("POST", path, five);
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
    for (const bytes of [Buffer.alloc(0), five.subarray(1), Buffer.concat([five, five])])
      expect((await storage("POST", `files/${ada.id}/${id}/1`, bytes)).status).toBeGreaterThanOrEqual(400);
    expect(await stored()).toBe(before);
    expect((await storage("POST", `files/${ada.id}/${id}/1`, five)).status).toBe(200);
  });
});

describe("the function for links", () => {
  const token = "a".repeat(43);
  const link = crypto.randomUUID();
  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a NUL", JSON.stringify({ link, door: `\0${token.slice(1)}` })],
    ["a link that is none", JSON.stringify({ link: "../../etc/passwd", door: token })],
    ["a long token", JSON.stringify({ link, door: token.repeat(10) })],
    ["letters of another alphabet", JSON.stringify({ link, door: `${"+/".repeat(21)}a` })],
    ["a field of no kind", JSON.stringify({ link, door: token, path: "x" })],
    ["a number", JSON.stringify({ link, door: 5 })],
    ["depth", `${'{"a":'.repeat(100)}1${"}".repeat(100)}`],
    ["too much", JSON.stringify({ link, door: token, access: "a".repeat(10_000) })],
  ])("refuses %s, and answers the next", async (_, body) => {
    const ask = (text: string, method = "POST") =>
      http.send({
        method,
        path: "/functions/v1/share",
        headers: { apikey: kit.stack.env.PUBLISHABLE_KEY, "content-type": "application/json" },
        body: text,
      });
    const { status, json } = await ask(body);
    expect([400, 413]).toContain(status);
    expect((json as { code: string }).code).toMatch(/^(USAGE|LIMIT)_/);
    expect((await ask(JSON.stringify({ link, door: token }))).status).toBe(404);
  });
});
