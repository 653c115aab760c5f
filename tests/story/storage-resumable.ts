import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import type pg from "pg";
import { type DetailedError, Upload, type UploadOptions } from "tus-js-client";
import { beforeAll, describe, expect, it } from "vitest";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { dice, seed } from "../support/random.ts";
import { fresh, given, type Name, type StorageKit, sharedKit } from "./storage-kit.ts";
import { ask, metadata, shown, type Words } from "./storage-tus.ts";

const part = 6 * 1024 * 1024;
const bytes = randomBytes(2 * part + 12_345);

let kit: StorageKit;
let proxy: CuttingProxy;
let db: pg.Client;
beforeAll(async () => {
  kit = await sharedKit();
  proxy = await cuttingProxy(kit.stack.env.API_URL);
  kit.closing.push(() => proxy.close());
  db = await kit.owner();
});

interface Wanted extends Partial<UploadOptions> {
  bucket?: string;
  name: string;
  by?: Name;
  upsert?: boolean;
  body?: Buffer;
  more?: Record<string, string>;
  through?: string;
}

/** tus-js-client as storage's documentation sets it up. */
function prepare({ bucket = "open", name, by, upsert, body = bytes, more, through, ...options }: Wanted) {
  let url: string | null = null;
  const done = new Promise<string>((resolve, reject) => {
    const upload = new Upload(body, {
      endpoint: `${through ?? kit.stack.env.API_URL}/storage/v1/upload/resumable`,
      chunkSize: part,
      retryDelays: null,
      storeFingerprintForResuming: false,
      uploadDataDuringCreation: true,
      headers: {
        ...shown(kit, by),
        ...(upsert ? { "x-upsert": "true" } : {}),
      },
      metadata: {
        bucketName: bucket,
        objectName: name,
        contentType: "image/png",
        cacheControl: "60",
        ...more,
      },
      onSuccess: () => resolve(upload.url ?? ""),
      onError: reject,
      ...options,
      onUploadUrlAvailable() {
        url = upload.url;
        options.onUploadUrlAvailable?.();
      },
    });
    upload.start();
  });
  return { done, url: () => url ?? "" };
}

const send = (wanted: Wanted) => prepare(wanted).done;

/** What the server said to an upload that failed. */
async function failure(wanted: Wanted): Promise<string> {
  const error = (await send(wanted).then(
    () => new Error("it succeeded"),
    (error: Error) => error,
  )) as DetailedError;
  const answer = error.originalResponse;
  return answer ? `${answer.getStatus()} ${answer.getBody().trim()}` : error.message;
}

const stored = async (name: string, bucket = "open") =>
  Buffer.from(await given(await kit.root().from(bucket).download(name)).arrayBuffer());

const request = (...words: Words) => ask(kit, ...words);

describe("a resumable upload", () => {
  it("in parts of 6 MiB becomes an object with what was said of it", async () => {
    const name = `parts/${fresh(".png")}`;
    await send({ name, by: "ada", more: { metadata: JSON.stringify({ of: "ada" }) } });
    expect((await stored(name)).equals(bytes)).toBe(true);
    const info = given(await kit.as("ada").from("open").info(name));
    expect(info).toMatchObject({
      size: bytes.length,
      contentType: "image/png",
      cacheControl: "max-age=60",
      metadata: { of: "ada" },
    });
    const [row] = given(await kit.root().from("open").remove([name]));
    expect(row).toMatchObject({ owner_id: kit.people.ada.id });
  });

  it("an empty one, and one whose length is known only at its end", async () => {
    const [empty, late] = [fresh(), fresh()];
    await send({ name: empty, by: "ada", body: Buffer.alloc(0) });
    expect((await stored(empty)).length).toBe(0);
    await send({
      name: late,
      by: "ada",
      body: Readable.from([bytes.subarray(0, part + 7)]) as never,
      uploadLengthDeferred: true,
      uploadDataDuringCreation: false,
    });
    expect((await stored(late)).equals(bytes.subarray(0, part + 7))).toBe(true);
  });

  it(`20 cuts: the same bytes, and at most one part is sent again (seed ${seed})`, async () => {
    const roll = dice(seed);
    const name = fresh();
    let [cuts, sent, again] = [0, 0, 0];
    const cut = () => {
      proxy.set("open");
      if (cuts < 20) proxy.after(roll.between(1, 15), "down");
    };
    cut();
    await send({
      name,
      by: "ada",
      through: proxy.url,
      uploadDataDuringCreation: false,
      retryDelays: Array(60).fill(1),
      onProgress: (now) => {
        sent = now;
      },
      onShouldRetry: () => {
        cuts += 1;
        cut();
        return true;
      },
      onAfterResponse: (asked, answer) => {
        if (asked.getMethod() !== "HEAD") return;
        again = Math.max(again, sent - Number(answer.getHeader("upload-offset")));
      },
    });
    proxy.set("open");
    expect(cuts).toBeGreaterThanOrEqual(20);
    expect(again).toBeLessThanOrEqual(part);
    expect((await stored(name)).equals(bytes)).toBe(true);
  });

  it("whose last answer is lost is one object all the same", async () => {
    const name = fresh();
    let lost = false;
    await send({
      name,
      by: "ada",
      through: proxy.url,
      body: bytes.subarray(0, 1000),
      uploadDataDuringCreation: false,
      retryDelays: Array(60).fill(1),
      onBeforeRequest: (asked) => {
        proxy.set(asked.getMethod() === "PATCH" && !lost ? "deaf" : "open");
        lost ||= asked.getMethod() === "PATCH";
      },
      onShouldRetry: () => true,
    });
    expect((await stored(name)).equals(bytes.subarray(0, 1000))).toBe(true);
  });

  it("whose bytes were all there when the stack died is finished when its client asks", async () => {
    const name = fresh();
    const body = bytes.subarray(0, 1000);
    const made = await request("/storage/v1/upload/resumable", "POST", "ada", {
      "upload-length": "1000",
      "upload-metadata": metadata({ bucketName: "open", objectName: name }),
    });
    const where = made.headers.get("location") ?? "";
    const version = where.split("/").at(-1) ?? "";
    writeFileSync(path.join(kit.stack.data, "storage", "objects", version.slice(0, 2), version), body);
    const head = await request(where, "HEAD", "ada");
    expect([head.status, head.headers.get("upload-offset")]).toEqual([200, "1000"]);
    expect((await stored(name)).equals(body)).toBe(true);
    expect((await request(where, "DELETE", "ada")).status).toBe(400);
    expect((await request(where, "HEAD", "eve")).status).toBe(404);
  });

  it("replaces nothing unless it is meant to", async () => {
    const name = fresh();
    const body = bytes.subarray(0, 10);
    given(await kit.as("ada").from("open").upload(name, "there already"));
    expect(await failure({ name, by: "ada", body })).toBe("409 The resource already exists");
    expect((await stored(name)).toString()).toBe("there already");
    await send({ name, by: "ada", upsert: true, body });
    expect((await stored(name)).equals(body)).toBe(true);
  });

  it("of two for one name, the second to end is refused", async () => {
    const name = fresh();
    const headers = (length: number) => ({
      "upload-length": String(length),
      "upload-metadata": metadata({ bucketName: "open", objectName: name }),
    });
    const make = () => request("/storage/v1/upload/resumable", "POST", "ada", headers(3));
    const [one, two] = [await make(), await make()].map((answer) => answer.headers.get("location") ?? "");
    const patch = (where = "", body: string) =>
      fetch(new URL(where, kit.stack.env.API_URL), {
        method: "PATCH",
        headers: {
          "tus-resumable": "1.0.0",
          "upload-offset": "0",
          "content-type": "application/offset+octet-stream",
          authorization: `Bearer ${kit.people.ada.token}`,
        },
        body,
      });
    expect((await patch(one, "one")).status).toBe(204);
    expect((await patch(two, "two")).status).toBe(409);
    expect((await stored(name)).toString()).toBe("one");
  });
});

describe("who may", () => {
  const body = bytes.subarray(0, 100);

  it("not without policies, not for strangers, not into somebody else's folder, not where there is no bucket", async () => {
    const mine = `${kit.people.ada.id}/${fresh()}`;
    await send({ bucket: "mine", name: mine, by: "ada", body });
    for (const by of ["eve", undefined] as const)
      expect(await failure({ bucket: "mine", name: `${mine}2`, ...(by ? { by } : {}), body })).toMatch(
        /^403 new row violates/,
      );
    expect(await failure({ bucket: "shown", name: fresh(), by: "ada", body })).toMatch(
      /^403 new row violates/,
    );
    expect(await failure({ bucket: "nowhere", name: fresh(), by: "ada", body })).toBe("404 Bucket not found");
    expect(await failure({ name: "../x", by: "ada", body })).toBe("400 Invalid key: ../x");
  });

  it("too long, of a wrong type: refused before a byte is taken", async () => {
    await kit.root().createBucket("tiny", { public: false, fileSizeLimit: 50, allowedMimeTypes: ["text/*"] });
    await db.query(
      `create policy tiny on storage.objects for insert to authenticated with check (bucket_id = 'tiny')`,
    );
    const text = { contentType: "text/plain" };
    expect((await failure({ bucket: "tiny", name: fresh(), by: "ada", body, more: text })).slice(0, 3)).toBe(
      "413",
    );
    const few = body.subarray(0, 50);
    expect(await failure({ bucket: "tiny", name: fresh(), by: "ada", body: few })).toBe(
      "415 mime type image/png is not supported",
    );
    await send({ bucket: "tiny", name: fresh(), by: "ada", body: few, more: text });
  });

  it("somebody else's upload is not there, and a token that is over ends it", async () => {
    const made = await request("/storage/v1/upload/resumable", "POST", "ada", {
      "upload-length": "10",
      "upload-metadata": metadata({ bucketName: "open", objectName: fresh() }),
    });
    const where = made.headers.get("location") ?? "";
    for (const by of ["eve", undefined] as const)
      for (const method of ["HEAD", "DELETE"]) expect((await request(where, method, by)).status).toBe(404);
    const late = await fetch(new URL(where, kit.stack.env.API_URL), {
      method: "PATCH",
      headers: {
        "tus-resumable": "1.0.0",
        "upload-offset": "0",
        "content-type": "application/offset+octet-stream",
        authorization: `Bearer ${await kit.token({ exp: 1 })}`,
      },
      body: "0123456789",
    });
    expect([late.status, ((await late.json()) as { statusCode: string }).statusCode]).toEqual([400, "403"]);
    expect((await request(where, "HEAD", "ada")).headers.get("upload-offset")).toBe("0");
    expect((await request(where, "DELETE", "ada")).status).toBe(204);
    expect((await request(where, "HEAD", "ada")).status).toBe(404);
  });

  it("policies that change meanwhile hold at the end", async () => {
    const name = fresh();
    const made = await request("/storage/v1/upload/resumable", "POST", "ada", {
      "upload-length": "10",
      "upload-metadata": metadata({ bucketName: "open", objectName: name }),
    });
    const where = made.headers.get("location") ?? "";
    await db.query(
      "create policy frozen on storage.objects as restrictive for insert to authenticated with check (false)",
    );
    try {
      const answer = await fetch(new URL(where, kit.stack.env.API_URL), {
        method: "PATCH",
        headers: {
          "tus-resumable": "1.0.0",
          "upload-offset": "0",
          "content-type": "application/offset+octet-stream",
          authorization: `Bearer ${kit.people.ada.token}`,
        },
        body: "0123456789",
      });
      expect(answer.status).toBe(403);
      expect((await kit.root().from("open").exists(name)).data).toBe(false);
    } finally {
      await db.query("drop policy frozen on storage.objects");
    }
  });

  it("after 24 hours it is over", async () => {
    const made = await request("/storage/v1/upload/resumable", "POST", "ada", {
      "upload-length": "10",
      "upload-metadata": metadata({ bucketName: "open", objectName: fresh() }),
    });
    const where = made.headers.get("location") ?? "";
    const expires = Date.parse(made.headers.get("upload-expires") ?? "");
    expect(Math.abs(expires - Date.now() - 24 * 3_600_000)).toBeLessThan(3_600_000);
    await db.query(
      "update storage.s3_multipart_uploads set created_at = now() - interval '25 hours' where id = $1",
      [where.split("/").at(-1)],
    );
    expect((await request(where, "HEAD", "ada")).status).toBe(410);
  });

  it("a signed upload goes on after cuts too, with its token in x-signature", async () => {
    const name = `${kit.people.ada.id}/${fresh()}`;
    const { token } = given(await kit.as("ada").from("mine").createSignedUploadUrl(name));
    const endpoint = `${kit.url}/upload/resumable/sign`;
    const url = await send({ bucket: "mine", name, body, endpoint, headers: { "x-signature": token } });
    const offset = async (headers: Record<string, string>) =>
      (await request(url, "HEAD", "nobody", headers)).status;
    expect([await offset({ "x-signature": token }), await offset({})]).toEqual([200, 400]);
    expect((await stored(name, "mine")).equals(body)).toBe(true);
    const other = { bucket: "mine", name: `${name}2`, body, endpoint };
    expect(await failure({ ...other, headers: { "x-signature": token } })).toBe("400 Invalid signature");
    expect(await failure(other)).toBe("400 Missing x-signature header");
    for (const [said, token] of [
      ["400 Invalid Compact JWS", "rubbish"],
      ['400 "exp" claim timestamp check failed', await kit.signed("upload", `mine/${name}2`, -1)],
      ["400 Invalid signature", await kit.signed("download", `mine/${name}2`, 60)],
      ["400 Invalid signature", await kit.signed("upload", `open/${name}2`, 60)],
    ] as const)
      expect(await failure({ ...other, headers: { "x-signature": token } })).toBe(said);
    const [row] = given(
      await kit
        .root()
        .from("mine")
        .remove([name, `${name}2`]),
    );
    expect(row).toMatchObject({ owner_id: kit.people.ada.id });
  });
});
