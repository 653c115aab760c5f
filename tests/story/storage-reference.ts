import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import {
  fresh,
  given,
  refusal,
  releases,
  type StorageClient,
  type StorageKit,
  sharedKit,
} from "./storage-kit.ts";

// What storage-js's own integration tests ask of a server, and the other stories do not show.

let kit: StorageKit;
let picture: Buffer;
beforeAll(async () => {
  kit = await sharedKit();
  picture = await sharp({ create: { width: 400, height: 300, channels: 3, background: "#048" } })
    .jpeg()
    .toBuffer();
});

/** The same client that shows no key at all, however often storage-js is asked to send one. */
function keyless(client: StorageClient): StorageClient {
  const Client = client.constructor as new (url: string, headers: Record<string, string>) => StorageClient;
  return new Client(kit.url, {});
}

describe.each(releases)("as storage-js %s asks it", (release) => {
  const root = () => kit.root(release);
  const ada = () => kit.as("ada", release).from("open");

  it("throwOnError() throws what the server says, for every verb that it refuses", async () => {
    const name = fresh();
    given(await ada().upload(name, "x"));
    const { token } = given(await ada().createSignedUploadUrl(fresh()));
    const open = ada().throwOnError();
    const nowhere = kit.as("ada", release).from("nowhere").throwOnError();
    for (const [said, call] of [
      ["Bucket not found", () => nowhere.upload("x", "x")],
      ["The resource already exists", () => open.upload(name, "again")],
      ["Invalid signature", () => open.uploadToSignedUrl(name, token, "x")],
      ["Object not found", () => open.createSignedUrl("absent", 60)],
      ["Object not found", () => open.move("absent", fresh())],
      ["Object not found", () => open.copy("absent", fresh())],
      ["Object not found", () => open.info("absent")],
      ["body/limit must be >= 1", () => open.list("", { limit: 0 })],
    ] as const)
      await expect(call()).rejects.toThrow(said);
    await expect(open.move("absent", "")).rejects.toThrow("Invalid key");
    // Answers to these have no body, or the client does not read it.
    for (const call of [
      () => open.download("absent"),
      () => open.download("absent").asStream(),
      () => open.exists("absent"),
    ])
      await expect((async () => void (await call()))()).rejects.toThrow();
    await expect(root().throwOnError().getBucket("nowhere")).rejects.toThrow("Bucket not found");
  });

  it("without any key there is nothing but what is public, or signed", async () => {
    const stranger = keyless(root());
    const bare = (where: string, method: string) =>
      kit.fetch(where, { method, body: method === "GET" ? null : "{}" });
    expect((await stranger.listBuckets()).error).toMatchObject({
      message: "Invalid Compact JWS",
      statusCode: "403",
      status: 400,
    });
    await expect(stranger.throwOnError().listBuckets()).rejects.toThrow("Invalid Compact JWS");
    for (const [method, where] of [
      ["GET", "/bucket/open"],
      ["PUT", "/bucket/open"],
      ["DELETE", "/bucket/open"],
      ["POST", "/bucket/open/empty"],
      ["GET", "/object/authenticated/shown/seeded/hello.txt"],
      ["POST", "/object/open/x"],
      ["PUT", "/object/open/x"],
      ["DELETE", "/object/open/x"],
      ["DELETE", "/object/open"],
      ["POST", "/object/list/open"],
      ["POST", "/object/list-v2/open"],
      ["POST", "/object/move"],
      ["POST", "/object/copy"],
      ["POST", "/object/sign/open/x"],
      ["POST", "/object/sign/open"],
      ["POST", "/object/upload/sign/open/x"],
      ["POST", "/upload/resumable"],
      ["GET", "/render/image/authenticated/open/x"],
    ] as const) {
      const answer = await bare(where, method);
      expect([where, answer.status, await answer.json()]).toEqual([
        where,
        400,
        { statusCode: "403", error: "Unauthorized", message: "Invalid Compact JWS", code: "AccessDenied" },
      ]);
    }
    const shown = await bare("/object/shown/seeded/hello.txt", "GET");
    expect([shown.status, await shown.text()]).toEqual([200, "from a folder"]);
    expect(await (await bare("/object/open/x", "GET")).json()).toMatchObject({ code: "NoSuchBucket" });
  });

  it("info() says what an object is, and no more", async () => {
    const name = fresh(".bin");
    const metadata = { user_id: "u-42", "x-app": "mobile" };
    given(await ada().upload(name, "x".repeat(5), { metadata: { nested: { order: 7 } } }));
    const info = given(await ada().info(name));
    expect(Object.keys(info).toSorted()).toEqual(
      [
        ...["bucketId", "cacheControl", "contentEncoding", "contentType", "createdAt", "etag", "id"],
        ...["lastModified", "metadata", "name", "size", "version"],
      ].toSorted(),
    );
    expect(info).toMatchObject({ bucketId: "open", size: 5, metadata: { nested: { order: 7 } } });
    given(await ada().update(name, "new", { metadata }));
    const where = `/object/info/open/${name}`;
    const raw = await kit.fetch(where, { by: "ada" });
    expect(await raw.json()).toMatchObject({ metadata, bucket_id: "open", content_encoding: null });
    const head = await kit.fetch(where, { by: "ada", method: "HEAD" });
    expect([head.status, await head.text(), head.headers.get("etag")]).toEqual([
      200,
      "",
      raw.headers.get("etag"),
    ]);
    expect(raw.headers.get("etag")).toMatch(/^"[0-9a-f]{32}"$/);
  });

  it("downloads as a stream, under a nonce, without a transform that asks for nothing, and not once it is given up", async () => {
    const name = fresh();
    given(await ada().upload(name, "in a stream"));
    const stream = given(await ada().download(name).asStream());
    expect(await new Response(stream).text()).toBe("in a stream");
    const options = { cacheNonce: "42", transform: {} };
    expect(await given(await ada().download(name, options)).text()).toBe("in a stream");
    const parameters = { cache: "no-store", signal: new AbortController().signal } as const;
    expect(await given(await ada().download(name, {}, parameters)).text()).toBe("in a stream");
    const { error } = await ada().download(name, {}, { signal: AbortSignal.abort() });
    expect(error?.message).toMatch(/abort/);
  });

  it("URLs: public or signed, with a name to save it by, a nonce, a transform, or an empty one", async () => {
    const name = `urls/${fresh(".jpg")}`;
    const shown = root().from("shown");
    given(await shown.upload(name, picture, { contentType: "image/jpeg" }));
    const small = { transform: { width: 20, height: 20, quality: 60 } };
    const wishes = [
      {},
      { download: true },
      { download: "cat.jpg" },
      { transform: {} },
      { cacheNonce: "1" },
      small,
    ];
    for (const wish of wishes) {
      const many = given(await shown.createSignedUrls([name], 60, "transform" in wish ? {} : wish))[0]
        ?.signedUrl;
      const one = given(await shown.createSignedUrl(name, 60, wish)).signedUrl;
      for (const url of [shown.getPublicUrl(name, wish).data.publicUrl, one, many ?? ""]) {
        const answer = await fetch(url);
        expect([url, answer.status, answer.headers.get("content-type")]).toEqual([url, 200, "image/jpeg"]);
        expect(url).not.toMatch(/[&?]$/);
        const wanted = "download" in wish ? (wish.download === true ? "attachment;" : "cat.jpg") : null;
        if (wanted) expect(answer.headers.get("content-disposition")).toContain(wanted);
        else expect(answer.headers.get("content-disposition")).toBeNull();
        expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0);
        // createSignedUrls() signs the objects as they are.
        if ("transform" in wish && "width" in (wish.transform ?? {}) && url !== many)
          expect(answer.headers.get("x-transformations")).toBe(
            "height:20,width:20,resizing_type:fill,quality:60",
          );
      }
    }
  });

  it("signed uploads of every kind of body, with what is said of them", async () => {
    const metadata = { of: "ada" };
    const form = new FormData();
    form.append("file", new Blob(["of ada's"], { type: "text/css" }), "a.css");
    for (const [body, type] of [
      [new Blob(["of ada's"], { type: "text/css" }), "text/css"],
      [form, "text/css"],
      ["of ada's", "text/markdown"],
      [new Blob(["of ada's"]).stream(), "text/markdown"],
    ] as const) {
      const name = `up/${fresh()}`;
      const { token } = given(await ada().createSignedUploadUrl(name));
      const options = { contentType: "text/markdown", cacheControl: "7200", metadata, duplex: "half" };
      const stranger = kit.as(undefined, release).from("open");
      expect(given(await stranger.uploadToSignedUrl(name, token, body, options)).path).toBe(name);
      const info = given(await ada().info(name));
      expect(info).toMatchObject({ contentType: type, cacheControl: "max-age=7200", size: 8, metadata });
    }
  });

  it("names with what means something in a URL: a blank, ?, &, =, + and the like", async () => {
    const name = `odd/${fresh("")} a?b&c=d e+f;g,h@i:j$k!l'(m)*.txt`;
    const path = name.split("/").map(encodeURIComponent).join("/");
    const put = await kit.fetch(`/object/shown/${path}`, { method: "POST", by: "root", body: "odd" });
    expect(await put.json()).toMatchObject({ Key: `shown/${name}` });
    const shown = root().from("shown");
    const listed = given(await shown.list("odd", { limit: 1000 })).map((entry) => `odd/${entry.name}`);
    expect(listed).toContain(name);
    expect(given(await shown.listV2({ prefix: name })).objects.map((entry) => entry.name)).toEqual([name]);
    for (const where of [`/object/public/shown/${path}`, `/object/info/public/shown/${path}`]) {
      const answer = await kit.fetch(where);
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^odd$|"name":"odd/)]);
    }
    // A token for it is one, wherever it is put together by hand.
    const signed = await kit.fetch(`/object/sign/shown/${path}`, {
      method: "POST",
      by: "root",
      body: '{"expiresIn":60}',
    });
    const { signedURL } = (await signed.json()) as { signedURL: string };
    const token = /token=([\w.-]+)$/.exec(signedURL)?.[1];
    // As it is answered, and as clients put it together, the name's own "?" begins the query.
    expect((await fetch(encodeURI(kit.url + signedURL))).status).toBe(400);
    expect(await (await kit.fetch(`/object/sign/shown/${path}?token=${token}`)).text()).toBe("odd");
    const other = `odd/${fresh()} moved.txt`;
    given(await shown.move(name, other));
    const url = given(await shown.createSignedUrl(other, 60)).signedUrl;
    expect(await (await fetch(url)).text()).toBe("odd");
    expect(given(await shown.remove([other]))).toHaveLength(1);
  });

  it("the cache is root's to purge, and no one else's", async () => {
    expect(given(await root().purgeBucketCache("open"))).toEqual({ message: "success" });
    expect(given(await root().from("open").purgeCache("x y?.txt"))).toEqual({ message: "success" });
    expect((await kit.as("ada", release).purgeBucketCache("open")).error).toMatchObject({
      status: 403,
      statusCode: "403",
      message: "Access denied: Invalid role",
    });
  });
});

describe("as the newest storage-js alone asks it", () => {
  const ada = () => kit.as("ada", "newest").from("open");
  type Newest = ReturnType<typeof import("supabase-js-newest")["createClient"]>["storage"];
  const newest = (client: StorageClient) => client as unknown as Newest;

  it("bytes that are sent encoded are served as such, from every kind of body and in copies", async () => {
    const text = "the same again ".repeat(50);
    const packed = gzipSync(text);
    const names = [fresh(), fresh()];
    const bucket = newest(kit.as("ada", "newest")).from("open");
    const options = { contentType: "text/plain", contentEncoding: "gzip" };
    given(await bucket.upload(names[0] ?? "", packed, options));
    given(await bucket.upload(names[1] ?? "", new Blob([packed], { type: "text/plain" }), options));
    const plain = fresh();
    given(await bucket.upload(plain, packed, { contentType: "text/plain" }));
    const copy = fresh();
    const metadata = { contentEncoding: "gzip", cacheControl: "max-age=7" };
    given(await bucket.copy(plain, copy, { copyMetadata: false, metadata }));
    for (const name of [...names, copy]) {
      const answer = await kit.fetch(`/object/open/${name}`, { by: "ada" });
      expect([answer.headers.get("content-encoding"), await answer.text()]).toEqual(["gzip", text]);
    }
    expect(given(await ada().info(copy))).toMatchObject({
      contentEncoding: "gzip",
      contentType: "text/plain",
      cacheControl: "max-age=7",
    });
    expect(given(await ada().info(plain))).toMatchObject({ contentEncoding: null });
  });

  it("what is not served says so: versioned buckets and their lifecycle", async () => {
    const root = newest(kit.root("newest"));
    const rules = [{ status: "Enabled", filter: {}, noncurrentVersionExpiration: { noncurrentDays: 30 } }];
    for (const result of [
      await root.createBucket(fresh(""), { public: false, versioningStatus: "ENABLED" }),
      await root.updateBucket("open", { public: false, versioningStatus: "ENABLED" }),
      await root.getBucketLifecycle("open"),
      await root.updateBucketLifecycle("open", { rules } as never),
      await root.deleteBucketLifecycle("open"),
    ]) {
      expect(refusal(result)).toMatch(
        /^409 The feature (versioning|lifecycle) is not enabled for this resource$/,
      );
      expect(result.error).toMatchObject({ code: "FeatureNotEnabled", status: 400 });
    }
  });

  it("exists() tells an absent object from an absent bucket", async () => {
    expect(await ada().exists("absent")).toMatchObject({ data: false, error: { code: "NoSuchKey" } });
    await expect(kit.as("ada", "newest").from("nowhere").exists("x")).rejects.toMatchObject({
      code: "NoSuchBucket",
    });
  });
});
