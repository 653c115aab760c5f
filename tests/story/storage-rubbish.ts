import { connect } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { dice, seed } from "../support/random.ts";
import { orphans } from "../support/storage-kills.ts";
import { waitFor } from "./stack-kit.ts";
import { fresh, given, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
});

/** Sends bytes as they are on one connection, and gives what comes back until `enough`, or the end. */
function raw(parts: (string | Buffer)[], enough: (text: string) => boolean, hangUp = false): Promise<string> {
  const { hostname, port } = new URL(kit.stack.env.API_URL);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      if (enough(text)) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    for (const part of parts) socket.write(part);
    if (hangUp) socket.end();
  });
}

const head = (method: string, path: string, headers: Record<string, string | number>) =>
  [
    `${method} /storage/v1${path} HTTP/1.1`,
    "host: x",
    `apikey: ${kit.stack.env.SECRET_KEY}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\r\n");

const answers = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
const names = async () => given(await kit.root().from("open").listV2({})).objects.map(({ name }) => name);

describe("names", () => {
  // Written out as a URL would be: what node or fetch would tidy away must arrive.
  it.each([
    ["/object/open/../../etc/passwd", ["404"]],
    ["/object/open/..%2f..%2fkeys.json", ["404"]],
    ["/object/open/%2e%2e/%2e%2e/keys.json", ["404"]],
    ["/object/open/a%00b", ["404"]],
    ["/object/open/a%5cb", ["404"]],
    ["/object/open//a", ["404"]],
    ["/object/open/%", ["404"]],
    ["/object/open/%ff", ["404"]],
    ["/object/open/a%0ab", ["400"]],
    ["/object/open/e%CC%81.txt", ["400"]],
    ["/object/open/%C3%A9.txt", ["400"]],
    ["/object/open/%E2%80%AE.txt", ["400"]],
    [`/object/open/${"x".repeat(1025)}`, ["400"]],
    ["/object/..%2fopen/a", ["404"]],
    ["/object/op%2fen/a", ["400"]],
  ])("%s: refused, in both directions, and the connection goes on", async (path, statuses) => {
    const before = await names();
    const put = head("POST", path, { "content-length": 3 });
    const get = head("GET", path, {});
    const health = head("GET", "/status", {});
    const text = await raw(
      [`${put}abc${get}${health}`],
      (text) => answers(text).length === 3 && text.includes("healthy"),
    );
    expect(answers(text)).toEqual([...statuses, ...statuses, "200"]);
    expect(text).not.toMatch(/jwtSecret|root:/);
    expect(await names()).toEqual(before);
  });

  it(`1,500 made-up paths: an answer in Storage's words, nothing stored, nothing broken (seed ${seed})`, async () => {
    const roll = dice(seed);
    const words = [
      "object",
      "bucket",
      "sign",
      "public",
      "authenticated",
      "info",
      "upload",
      "list",
      "list-v2",
      "move",
      "copy",
    ];
    const odd = [
      "open",
      "..",
      ".",
      "%2e%2e",
      "%00",
      "a",
      "%2f",
      "",
      "é",
      "%C3%A9",
      "%",
      "render",
      "image",
      "resumable",
      "x".repeat(300),
      "?token=x",
      "'",
      "--",
      "null",
    ];
    const before = await names();
    const ask = async () => {
      const path = Array.from({ length: roll.between(1, 6) }, () =>
        roll.pick(roll() < 0.5 ? words : odd),
      ).join("/");
      const method = roll.pick(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]);
      const body = roll.pick([
        "{}",
        "[]",
        "{",
        "null",
        '{"prefixes":[7]}',
        '{"expiresIn":"x"}',
        "\u0000",
        '{"bucketId":"open","sourceKey":"..","destinationKey":"../x"}',
      ]);
      const type = roll.pick([
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "text/plain",
        "x",
      ]);
      const hasBody = !["GET", "HEAD"].includes(method);
      const answer = await kit.fetch(`/${path}`, {
        method,
        by: "ada",
        headers: { "content-type": type, "tus-resumable": "1.0.0" },
        ...(hasBody ? { body } : {}),
      });
      const text = await answer.text();
      if (answer.status >= 500)
        throw new Error(`${method} /${path} ${type} ${body}: ${answer.status} ${text}`);
    };
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let n = 0; n < 150; n++) await ask();
      }),
    );
    const after = await names();
    // ada may upload plain bytes to a plain name there, and to no other.
    expect(
      after
        .filter((name) => !before.includes(name))
        .every((name) => /^[\w./'-]+$/.test(name) && !name.includes("..")),
    ).toBe(true);
  });
});

describe("bodies", () => {
  it("one that ends before its length: nothing is stored, nothing is left", async () => {
    const name = fresh();
    await raw(
      [head("POST", `/object/open/${name}`, { "content-length": 1000 }), "only this"],
      () => false,
      true,
    );
    expect((await kit.root().from("open").exists(name)).data).toBe(false);
  });

  it("one in chunks that break off: nothing is stored", async () => {
    const name = fresh();
    const chunked = head("POST", `/object/open/${name}`, { "transfer-encoding": "chunked" });
    await raw([chunked, "5\r\nhello\r\nfff\r\nand no"], () => false, true);
    const bad = await raw([chunked, "zz\r\nhello\r\n"], (text) => answers(text).length > 0);
    expect(answers(bad)).toEqual(["400"]);
    expect((await kit.root().from("open").exists(name)).data).toBe(false);
  });

  const part = (end: string) =>
    `--b\r\ncontent-disposition: form-data; name=""; filename="x"\r\ncontent-type: text/plain\r\n\r\nbytes${end}`;
  it.each([
    ["a form that is cut short", "multipart/form-data; boundary=b", part(""), "The form is cut short"],
    ["a form without its boundary", "multipart/form-data", part("\r\n--b--\r\n"), "The form has no boundary"],
    ["a form without a file", "multipart/form-data; boundary=b", "--b--\r\n", "No content provided"],
    ["an empty form", "multipart/form-data; boundary=b", "", "The form is cut short"],
    [
      "rubbish for a form",
      "multipart/form-data; boundary=b",
      "\u0000\r\n--\r\n\r\n",
      "The form is cut short",
    ],
  ])("%s: 400, and the connection goes on", async (_what, type, body, message) => {
    const name = fresh();
    const upload = head("POST", `/object/open/${name}`, {
      "content-type": type,
      "content-length": Buffer.byteLength(body),
    });
    const text = await raw([upload, body, head("GET", "/status", {})], (text) => text.includes("healthy"));
    expect(answers(text)).toEqual(["400", "200"]);
    expect(text).toContain(message);
    expect((await kit.root().from("open").exists(name)).data).toBe(false);
  });

  it("a refused upload is received to its end, and the connection goes on", async () => {
    const body = Buffer.alloc(300_000);
    const upload = head("POST", "/object/small/x.png", {
      "content-type": "image/png",
      "content-length": body.length,
    });
    const text = await raw([upload, body, head("GET", "/status", {})], (text) => text.includes("healthy"));
    expect(answers(text)).toEqual(["400", "200"]);
    expect(text).toContain('"statusCode":"413"');
  });

  it.each([
    ["x-metadata that is no JSON", { "x-metadata": "!!!" }, {}],
    ["x-metadata that is a list", { "x-metadata": btoa("[1]") }, {}],
  ])("%s is as if it were not there", async (_what, headers, metadata) => {
    const name = fresh();
    const answer = await kit.fetch(`/object/open/${name}`, { method: "POST", by: "ada", headers, body: "x" });
    expect(answer.status).toBe(200);
    expect(given(await kit.as("ada").from("open").info(name)).metadata).toEqual(metadata);
  });

  it("too much said of a file is refused, whether it comes before the file or after it", async () => {
    const much = JSON.stringify({ much: "x".repeat(1024 * 1024) });
    const file = new Blob([Buffer.alloc(200_000)]);
    for (const order of ["before", "after"]) {
      const form = new FormData();
      if (order === "before") form.append("metadata", much);
      form.append("", file, "x");
      if (order === "after") form.append("metadata", much);
      const answer = await kit.fetch(`/object/open/${fresh()}`, { method: "POST", by: "ada", body: form });
      expect(((await answer.json()) as { message: string }).message).toBe(
        "The user_metadata exceeded the maximum allowed size",
      );
    }
  });

  it("a NUL in what is said of a file is refused", async () => {
    const answer = await kit.fetch(`/object/open/${fresh()}`, {
      method: "POST",
      by: "ada",
      headers: { "x-metadata": btoa('{"a":"\\u0000"}') },
      body: "x",
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      400,
      "InvalidRequest",
    ]);
  });

  it.each(["text", "text/", "/plain", "text/plain\u00e9", "text/plain; \u0001", `text/${"x".repeat(300)}`])(
    "type %j is none",
    async (contentType) => {
      const form = new FormData();
      form.append("contentType", contentType);
      form.append("", new Blob(["x"]), "x");
      const answer = await kit.fetch(`/object/open/${fresh()}`, { method: "POST", by: "ada", body: form });
      expect(((await answer.json()) as { statusCode: string }).statusCode).toBe("415");
    },
  );

  it("after all of this no file lies there that no row names", async () => {
    await waitFor(async () => (await orphans(kit.stack)).length === 0);
  });
});
