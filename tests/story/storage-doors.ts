import { readdirSync } from "node:fs";
import path from "node:path";
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { orphans } from "../support/storage-kills.ts";
import { waitFor } from "./stack-kit.ts";
import { fresh, given, type StorageKit, sharedKit } from "./storage-kit.ts";
import { Wire } from "./storage-wire.ts";

// What comes in by the door that is none of an upload's business: nothing of it is stored, in the database or on disk,
// and the connection that it came on serves the next request.

let kit: StorageKit;
let db: pg.Client;
beforeAll(async () => {
  kit = await sharedKit();
  db = await kit.owner();
});

const wire = () => new Wire(kit.stack.env.API_URL, { apikey: kit.stack.env.SECRET_KEY });

/** Rows and files, for before and after. */
async function kept() {
  const rows = await db.query(
    `select bucket_id || '/' || name as name, version from storage.objects
     union all select 'upload ' || key, version from storage.s3_multipart_uploads order by 1, 2`,
  );
  return rows.rows as { name: string; version: string }[];
}

const filesOnDisk = () =>
  readdirSync(path.join(kit.stack.data, "storage", "objects"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();

describe("names that lead elsewhere", () => {
  const twins = [
    "../x",
    "a/../x",
    "./x",
    "a//x",
    "/x",
    "x/",
    "a\\x",
    "a\u0000x",
    "a\nx",
    "e\u0301.txt",
    "\u00e9.txt",
    "\u0430.txt",
    "a\u200bx",
    "\u202ex",
    "\uff0e\uff0e/x",
    "a#x",
    "a%x",
    "x".repeat(1025),
    "",
  ];

  /** Every verb that would make something of that name, or of its bucket. */
  function attempts(name: string, source: string): Promise<Response>[] {
    const json = (body: object) => ({ method: "POST", by: "root" as const, body: JSON.stringify(body) });
    const metadata = Object.entries({ bucketName: "open", objectName: name })
      .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
      .join(",");
    const headers = { "tus-resumable": "1.0.0", "upload-length": "1", "upload-metadata": metadata };
    const keys = { bucketId: "open", sourceKey: source, destinationKey: name };
    const bucket = name || "/";
    const url = encodeURIComponent(name);
    return [
      kit.fetch("/object/move", json(keys)),
      kit.fetch("/object/copy", json(keys)),
      kit.fetch("/object/copy", json({ ...keys, destinationBucket: bucket })),
      kit.fetch("/object/move", json({ ...keys, sourceKey: name, destinationKey: fresh() })),
      kit.fetch("/bucket", json({ name: bucket, id: bucket })),
      kit.fetch("/upload/resumable", { method: "POST", by: "root", headers }),
      kit.fetch(`/object/open/${url}`, { method: "PUT", by: "root", body: "x" }),
      kit.fetch(`/object/upload/sign/open/${url}`, json({})),
    ];
  }

  it("are taken by no verb", async () => {
    const open = kit.root().from("open");
    const source = fresh();
    given(await open.upload(source, "x"));
    const [before, files] = [await kept(), filesOnDisk()];
    for (const name of twins) {
      for (const answer of await Promise.all(attempts(name, source))) {
        // The gateway itself sends away what would be tidied up on the way.
        expect([name, answer.status, 400 <= answer.status && answer.status < 500]).toContain(true);
        await answer.text();
      }
      const signed = given(await open.createSignedUrls([name, source], 60));
      expect(signed.map(({ error }) => error === null)).toEqual([false, true]);
      // What only looks for it finds nothing, and says so.
      for (const { data, error } of [
        await open.list(name || "/", { search: name }),
        await open.listV2({ prefix: name || "/" }),
        await open.remove([name || "/"]),
      ]) {
        if (error) expect(error).toMatchObject({ statusCode: "400" });
        else expect(JSON.stringify([name, data])).not.toContain('"id":"');
      }
    }
    expect([await kept(), filesOnDisk()]).toEqual([before, files]);
  });

  it("the longest name there may be goes through everything, and one of a bucket too", async () => {
    const id = `b${"-".repeat(99)}`;
    const root = kit.root();
    given(await root.createBucket(id, { public: true }));
    const [name, copy, moved] = ["n", "c", "m"].map((letter) => letter.repeat(1024)) as [
      string,
      string,
      string,
    ];
    const deep = `${"d/".repeat(511)}xx`;
    for (const one of [name, deep]) given(await root.from(id).upload(one, one.slice(0, 5)));
    given(await root.from(id).copy(name, copy));
    given(await root.from(id).move(copy, moved));
    for (const url of [
      root.from(id).getPublicUrl(moved).data.publicUrl,
      given(await root.from(id).createSignedUrl(moved, 60)).signedUrl,
    ])
      expect(await (await fetch(url)).text()).toBe("nnnnn");
    expect(given(await root.from(id).listV2({})).objects.map((object) => object.name)).toEqual([
      deep,
      moved,
      name,
    ]);
    expect(given(await root.from(id).list("d/".repeat(511)))).toMatchObject([{ name: "xx" }]);
    expect(given(await root.from(id).remove([name, moved, deep]))).toHaveLength(3);
    given(await root.deleteBucket(id));
  });
});

describe("lengths that are not true", () => {
  it("shorter: what was announced is stored, and what follows is no request", async () => {
    const name = fresh();
    const line = wire();
    line.send("POST", `/object/open/${name}`, { "content-length": 3 }, "abc");
    // Only then: both at once, and the connection may be closed before its first answer is out.
    await line.until((text) => text.includes('"Key"'));
    line.raw("defgh\r\n\r\n");
    expect(Wire.statuses(await line.end())).toEqual(["200", "400"]);
    expect(await given(await kit.root().from("open").download(name)).text()).toBe("abc");
  });

  it("longer, and then nothing more: nothing is stored", async () => {
    const [before, name] = [await kept(), fresh()];
    const line = wire();
    line.send("POST", `/object/open/${name}`, { "content-length": 10 }, "abc");
    line.hangUp();
    await line.end();
    expect(await kept()).toEqual(before);
  });

  it("absent: an upload of nothing, as it says", async () => {
    const name = fresh();
    const line = wire();
    line.send("POST", `/object/open/${name}`, {});
    expect(Wire.statuses(await line.healthy())).toEqual(["200", "200"]);
    expect(given(await kit.root().from("open").info(name)).size).toBe(0);
  });

  it.each(["-1", "x", "1e3", "0x10", "1, 2", "99999999999999999999999"])("%j: refused", async (length) => {
    const [before, name] = [await kept(), fresh()];
    const line = wire();
    line.send("POST", `/object/open/${name}`, { "content-length": length }, "abc");
    line.hangUp();
    const [status] = Wire.statuses(await line.end());
    expect(status === undefined || Number(status) >= 400).toBe(true);
    expect(await kept()).toEqual(before);
  });

  it("two of them, or one beside chunks: refused", async () => {
    const [before, name] = [await kept(), fresh()];
    for (const headers of [
      { "content-length": "3\r\ncontent-length: 4" },
      { "content-length": "3", "transfer-encoding": "chunked" },
    ]) {
      const line = wire();
      line.send("POST", `/object/open/${name}`, headers, "abc");
      line.hangUp();
      expect(Wire.statuses(await line.end())).toEqual(["400"]);
    }
    expect(await kept()).toEqual(before);
  });

  it("a part of a resumable upload that breaks off is kept as far as it came, and goes on from there", async () => {
    const name = fresh();
    const metadata = `bucketName ${btoa("open")},objectName ${btoa(name)}`;
    const tus = { "tus-resumable": "1.0.0" };
    const made = await kit.fetch("/upload/resumable", {
      method: "POST",
      by: "root",
      headers: { ...tus, "upload-length": "10", "upload-metadata": metadata },
    });
    const where = (made.headers.get("location") ?? "").replace("/storage/v1", "");
    const part = { ...tus, "content-type": "application/offset+octet-stream" };
    const line = wire();
    line.send("PATCH", where, { ...part, "upload-offset": "0", "content-length": 10 }, "0123");
    line.hangUp();
    await line.end();
    const offset = async () =>
      Number(
        (await kit.fetch(where, { method: "HEAD", by: "root", headers: tus })).headers.get("upload-offset"),
      );
    // The server hears of the end when it hears of it.
    const at = await offset();
    expect(at).toBeLessThanOrEqual(4);
    expect((await kit.root().from("open").exists(name)).data).toBe(false);
    const rest = await waitFor(async () => {
      const from = await offset();
      const answer = await kit.fetch(where, {
        method: "PATCH",
        by: "root",
        headers: { ...part, "upload-offset": String(from) },
        body: "0123456789".slice(from),
      });
      return answer.status === 204 ? answer : null;
    });
    expect(rest.headers.get("upload-offset")).toBe("10");
    expect(await given(await kit.root().from("open").download(name)).text()).toBe("0123456789");
  });
});

describe("forms that say too much", () => {
  const field = (name: string, value: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file = (name: string, bytes: string, type = "text/plain", filename = "x") =>
    `--b\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\ncontent-type: ${type}\r\n\r\n${bytes}\r\n`;
  const form = async (name: string, parts: string[], bucket = "open") => {
    const body = `${parts.join("")}--b--\r\n`;
    const line = wire();
    line.send("POST", `/object/${bucket}/${name}`, {
      "content-type": "multipart/form-data; boundary=b",
      "content-length": Buffer.byteLength(body),
    });
    line.raw(body);
    return await line.healthy();
  };

  it("the same field twice: the last one counts, and is looked at", async () => {
    const name = fresh();
    const twice = [field("cacheControl", "1"), field("cacheControl", "2"), field("contentType", "text/a")];
    const text = await form(name, [...twice, field("contentType", "text/b"), file("", "bytes")]);
    expect(Wire.statuses(text)).toEqual(["200", "200"]);
    expect(given(await kit.root().from("open").info(name))).toMatchObject({
      cacheControl: "max-age=2",
      contentType: "text/b",
    });
    // What is let in as one thing does not become another behind the file.
    const late = fresh(".png");
    const said = [
      field("contentType", "image/png"),
      file("", "bytes", "image/png"),
      field("contentType", "text/html"),
    ];
    expect(await form(late, said, "small")).toContain('"statusCode":"415"');
    expect((await kit.root().from("small").exists(late)).data).toBe(false);
  });

  it("two files: the first is the object, and nothing is left of the other", async () => {
    const name = fresh();
    const text = await form(name, [file("a", "first"), file("b", "second")]);
    expect(Wire.statuses(text)).toEqual(["200", "200"]);
    expect(await given(await kit.root().from("open").download(name)).text()).toBe("first");
  });

  it("no file, no bytes, a name of its own, names of what every object has", async () => {
    const [before, name] = [await kept(), fresh()];
    expect(await form(name, [field("cacheControl", "1")])).toContain("No content provided");
    expect(await kept()).toEqual(before);
    const odd = [field("__proto__", "x"), field("constructor", "x"), field("toString", "x"), field("", "x")];
    const text = await form(name, [...odd, file("", "", "text/plain", "../../../etc/passwd")]);
    expect(Wire.statuses(text)).toEqual(["200", "200"]);
    expect(given(await kit.root().from("open").info(name))).toMatchObject({ size: 0, name, metadata: {} });
    expect((await kept()).length).toBe(before.length + 1);
  });

  it("thousands of fields, of parts, of headers: an answer, and no more rows than it says", async () => {
    const before = await kept();
    const many = Array.from({ length: 3000 }, (_, n) => field(`f${n}`, "x"));
    const heads = `--b\r\n${"x-a: b\r\n".repeat(3000)}content-disposition: form-data; name=""; filename="x"\r\n\r\nbytes\r\n`;
    for (const parts of [[...many, file("", "x")], [file("", "x"), ...many], [heads]]) {
      const [status, health] = Wire.statuses(await form(fresh(), parts));
      expect([["200", "400"].includes(status ?? ""), health]).toEqual([true, "200"]);
    }
    expect((await kept()).length - before.length).toBeLessThanOrEqual(3);
  });
});

it("into a bucket that is somebody else's nothing goes, by whatever verb, and nothing of it is told", async () => {
  const theirs = `${kit.people.eve.id}/${fresh()}`;
  given(await kit.as("eve").from("mine").upload(theirs, "eve's"));
  const own = fresh();
  given(await kit.as("ada").from("open").upload(own, "ada's"));
  const before = await kept();
  const ada = kit.as("ada");
  for (const result of [
    await ada.from("open").move(own, theirs, { destinationBucket: "mine" }),
    await ada.from("open").copy(own, theirs, { destinationBucket: "mine" }),
    await ada.from("open").move(own, fresh(), { destinationBucket: "nowhere" }),
    await ada.from("open").copy(own, fresh(), { destinationBucket: "shown" }),
    await ada.from("mine").copy(theirs, fresh(), { destinationBucket: "open" }),
    await ada.from("mine").move(theirs, fresh(), { destinationBucket: "open" }),
    await ada.from("mine").createSignedUrl(theirs, 60),
    await ada.from("mine").info(theirs),
  ])
    expect(result.error).toMatchObject({ statusCode: expect.stringMatching(/^40[349]$/) });
  expect(await kept()).toEqual(before);
  await waitFor(async () => (await orphans(kit.stack)).length === 0);
});
