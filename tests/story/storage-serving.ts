import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
  given(await kit.root().from("shown").upload("ten.txt", "0123456789"));
  given(await kit.root().from("shown").upload("none.txt", ""));
});

const get = (name: string, headers: Record<string, string> = {}, method = "GET") =>
  kit.fetch(`/object/public/shown/${name}`, { headers, method });

describe("ranges", () => {
  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-4", "4", "bytes 4-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
    ["bytes=-20", "0123456789", "bytes 0-9/10"],
    ["bytes=0-99", "0123456789", "bytes 0-9/10"],
  ])("%s: 206", async (range, text, where) => {
    const answer = await get("ten.txt", { range });
    expect([answer.status, answer.headers.get("content-range"), await answer.text()]).toEqual([
      206,
      where,
      text,
    ]);
    expect(answer.headers.get("content-length")).toBe(String(text.length));
  });

  it.each(["bytes=10-", "bytes=99-100", "bytes=-0"])("%s: 416, with the size", async (range) => {
    const answer = await get("ten.txt", { range });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    expect(await answer.json()).toMatchObject({ statusCode: "416", code: "InvalidRange" });
  });

  it.each([
    ...["bytes=3-1", "lines=1-2", "bytes=a-b", "bytes=0-1,3-4", "bytes=-", "bytes=1-2x", ""],
    ...["bytes=0-99999999999999999999", "bytes=-1-1", "bytes=0x0-1", `bytes=${"0-0,".repeat(20)}0-0`],
  ])("%j is none: everything", async (range) => {
    const answer = await get("ten.txt", { range });
    expect([answer.status, await answer.text()]).toEqual([200, "0123456789"]);
  });

  it("of an empty file there is none", async () => {
    expect((await get("none.txt", { range: "bytes=0-" })).status).toBe(416);
    const answer = await get("none.txt");
    expect([answer.status, answer.headers.get("content-length"), await answer.text()]).toEqual([
      200,
      "0",
      "",
    ]);
  });

  it("a part of another version is not handed out: If-Range", async () => {
    const etag = (await get("ten.txt", {}, "HEAD")).headers.get("etag") ?? "";
    const range = "bytes=5-";
    expect(await (await get("ten.txt", { range, "if-range": etag })).text()).toBe("56789");
    expect(await (await get("ten.txt", { range, "if-range": '"another"' })).text()).toBe("0123456789");
  });
});

describe("what the caller has already", () => {
  it("is not sent again: If-None-Match, If-Modified-Since", async () => {
    const head = await get("ten.txt", {}, "HEAD");
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
    const etag = head.headers.get("etag") ?? "";
    const modified = head.headers.get("last-modified") ?? "";
    expect(etag).toBe('"781e5e245d69b566979b86e28d23f2c7"');
    for (const headers of [
      { "if-none-match": etag },
      { "if-none-match": `"x", W/${etag}` },
      { "if-none-match": "*" },
      { "if-modified-since": modified },
    ]) {
      const answer = await get("ten.txt", headers);
      expect([answer.status, await answer.text(), answer.headers.get("etag")]).toEqual([304, "", etag]);
    }
    for (const headers of [
      { "if-none-match": '"x"' },
      { "if-none-match": '"x"', "if-modified-since": modified },
      { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
      { "if-modified-since": "rubbish" },
    ])
      expect((await get("ten.txt", headers)).status).toBe(200);
  });

  it("is new when it was replaced", async () => {
    const name = fresh();
    const bucket = kit.root().from("shown");
    given(await bucket.upload(name, "one"));
    const etag = (await get(name, {}, "HEAD")).headers.get("etag") ?? "";
    given(await bucket.update(name, "two"));
    const answer = await get(name, { "if-none-match": etag });
    expect([answer.status, await answer.text()]).toEqual([200, "two"]);
  });
});

describe("what the caller wants as it was", () => {
  it("is another one by now: If-Match, If-Unmodified-Since", async () => {
    const head = (await get("ten.txt", {}, "HEAD")).headers;
    const [etag, modified] = [head.get("etag") ?? "", head.get("last-modified") ?? ""];
    const long = "Sat, 01 Jan 2000 00:00:00 GMT";
    for (const headers of [
      { "if-match": '"another"' },
      { "if-match": '"another"', "if-none-match": etag },
      { "if-match": `W/${etag}`, range: "bytes=0-1" },
      { "if-unmodified-since": long },
    ]) {
      const answer = await get("ten.txt", headers);
      expect([answer.status, await answer.json()]).toMatchObject([412, { code: "PreconditionFailed" }]);
      expect(answer.headers.get("etag")).toBeNull();
    }
    for (const [headers, text] of [
      [{ "if-match": etag, "if-unmodified-since": long, range: "bytes=0-3" }, "0123"],
      [{ "if-match": `"x", ${etag}` }, "0123456789"],
      [{ "if-match": "*" }, "0123456789"],
      [{ "if-unmodified-since": modified }, "0123456789"],
      [{ "if-unmodified-since": "rubbish" }, "0123456789"],
    ] as const)
      expect(await (await get("ten.txt", headers)).text()).toBe(text);
  });
});

describe("what search engines are told", () => {
  const put = (name: string, robots: string) =>
    kit.fetch(`/object/shown/${name}`, {
      by: "root",
      method: "POST",
      headers: { "x-robots-tag": robots, "x-upsert": "true" },
      body: "x",
    });

  it("is nothing, unless the upload says otherwise; copies say the same", async () => {
    expect((await get("ten.txt")).headers.get("x-robots-tag")).toBe("none");
    const [name, copy] = [fresh(), fresh()];
    for (const robots of [
      "all",
      "max-snippet: 10, notranslate",
      "googlebot: nofollow, otherbot: noindex",
      "max-snippet: -1, max-image-preview: large, max-video-preview: 0",
      "unavailable_after: Thu, 31 Dec 2099 23:59:59 GMT, noindex",
      "bot: unavailable_after: 2099-12-31, noindex",
      "bot: unavailable_after: Thu, 31 Dec 2099 23:59:59 GMT",
      "unavailable_after: 2099-12-31",
    ]) {
      expect((await put(name, robots)).status).toBe(200);
      expect((await get(name)).headers.get("x-robots-tag")).toBe(robots);
    }
    given(await kit.root().from("shown").copy(name, copy));
    expect((await get(copy, {}, "HEAD")).headers.get("x-robots-tag")).toBe("unavailable_after: 2099-12-31");
    const blob = new Blob(["x"], { type: "text/plain" });
    const options = { upsert: true, headers: { "x-robots-tag": "nosnippet" } };
    given(await kit.root().from("shown").upload(name, blob, options));
    expect((await get(name)).headers.get("x-robots-tag")).toBe("nosnippet");
  });

  it.each([
    "invalidrule",
    "all,, none",
    "max-snippet: many",
    "max-image-preview: huge",
    "unavailable_after: never",
    "bot:",
    "noindex; x",
    "bot: max-snippet: -2",
    "unavailable_after: Thu, 99 Dec 2099",
  ])("%j is no rule, and nothing is stored", async (robots) => {
    const name = fresh();
    const answer = await put(name, robots);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_x_robots_tag" }]);
    expect((await kit.root().from("shown").exists(name)).data).toBe(false);
  });
});

describe("what is stored does not run", () => {
  const page = "<!doctype html><script>document.title='ran'</script>";
  it.each([
    ["text/html", "text/plain; charset=utf-8", null],
    ["TEXT/HTML; charset=utf-8", "text/plain; charset=utf-8", null],
    ["image/svg+xml", "image/svg+xml", "attachment"],
    ["application/xhtml+xml", "application/xhtml+xml", "attachment"],
    ["text/xml", "text/xml", "attachment"],
    ["application/javascript", "application/javascript", "attachment"],
    ["application/pdf", "application/pdf", "attachment"],
    ["application/octet-stream", "application/octet-stream", "attachment"],
    ["image/png", "image/png", null],
    ["video/mp4", "video/mp4", null],
  ])("%s", async (contentType, served, disposition) => {
    const name = fresh();
    given(await kit.root().from("shown").upload(name, page, { contentType }));
    const signed = given(await kit.root().from("shown").createSignedUrl(name, 60)).signedUrl;
    for (const answer of [
      await get(name),
      await kit.fetch(`/object/shown/${name}`, { by: "ada" }),
      await fetch(signed),
      await get(name, { range: "bytes=0-9" }),
      await get(name, {}, "HEAD"),
      await fetch(signed, { method: "HEAD" }),
      await fetch(signed, { headers: { range: "bytes=-5" } }),
    ]) {
      await answer.arrayBuffer();
      const { headers } = answer;
      expect(headers.get("content-type")).toBe(served);
      expect(headers.get("content-disposition")).toBe(disposition);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.*; sandbox$/);
      expect(headers.get("content-security-policy")).not.toMatch(/script|allow-/);
    }
  });

  it("a name to save it by cannot become a header", async () => {
    const answer = await get(
      `ten.txt?download=${encodeURIComponent('a";\r\nset-cookie: x=y\u0000 (ü).txt')}`,
    );
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("content-disposition")).toBe(
      "attachment; filename=a%22%3B%0D%0Aset-cookie%3A%20x%3Dy%00%20%28%C3%BC%29.txt; " +
        "filename*=UTF-8''a%22%3B%0D%0Aset-cookie%3A%20x%3Dy%00%20%28%C3%BC%29.txt",
    );
  });

  it("what one user has read is not kept for the next", async () => {
    given(await kit.as("ada").from("open").upload("vary.txt", "x"));
    const answer = await kit.fetch("/object/open/vary.txt", { by: "ada" });
    expect(answer.headers.get("vary")).toContain("authorization");
    expect((await get("ten.txt")).headers.get("vary") ?? "").not.toContain("authorization");
  });

  it("pages elsewhere may read what they need of an answer", async () => {
    const answer = await get("ten.txt", { origin: "https://example.com" });
    const exposed = answer.headers.get("access-control-expose-headers") ?? "";
    for (const name of ["ETag", "Content-Range", "Upload-Offset", "Tus-Resumable", "Location"])
      expect(exposed).toContain(name);
  });
});
