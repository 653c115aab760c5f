import { Readable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, refusal, releases, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
});

const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7) % 251);

/** Every kind of body that storage-js takes, with the type that it arrives as. */
const bodies: [string, () => unknown, string][] = [
  ["a Blob", () => new Blob([bytes], { type: "image/png" }), "image/png"],
  ["a File", () => new File([bytes], "x.jpg", { type: "image/jpeg" }), "image/jpeg"],
  [
    "a form",
    () => {
      const form = new FormData();
      form.append("file", new Blob([bytes], { type: "audio/ogg" }), "x.ogg");
      return form;
    },
    "audio/ogg",
  ],
  ["an ArrayBuffer", () => bytes.buffer, "text/plain;charset=UTF-8"],
  ["a Uint8Array", () => bytes, "text/plain;charset=UTF-8"],
  ["a Buffer", () => Buffer.from(bytes), "text/plain;charset=UTF-8"],
  ["a node stream", () => Readable.from([Buffer.from(bytes)]), "text/plain;charset=UTF-8"],
  ["a web stream", () => new Blob([bytes]).stream(), "text/plain;charset=UTF-8"],
];

describe.each(releases)("objects, with storage-js %s", (release) => {
  const ada = () => kit.as("ada", release).from("open");

  it.each(bodies)("%s comes back byte for byte", async (_what, body, type) => {
    const name = `kinds/${fresh(".bin")}`;
    const sent = given(await ada().upload(name, body() as Blob, { duplex: "half" }));
    expect(sent).toMatchObject({ path: name, fullPath: `open/${name}` });
    const info = given(await ada().info(name));
    expect(info).toMatchObject({ id: sent.id, name, size: bytes.length, contentType: type, metadata: {} });
    expect(info.cacheControl).toBe("max-age=3600");
    const blob = given(await ada().download(name));
    expect(blob.type).toBe(type.toLowerCase());
    expect(Buffer.from(await blob.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it("an empty file is one", async () => {
    const name = fresh();
    given(await ada().upload(name, new Blob([])));
    expect(given(await ada().info(name)).size).toBe(0);
    expect(given(await ada().download(name)).size).toBe(0);
  });

  it("type, cache time and what ada says of it are kept, however they are sent", async () => {
    const metadata = { of: "ada", deep: { n: [1, "ü"] } };
    for (const body of [Buffer.from("x"), new Blob(["x"])]) {
      const name = fresh();
      const options = { contentType: "image/gif", cacheControl: "60", metadata };
      given(await ada().upload(name, body, options));
      const info = given(await ada().info(name));
      expect(info).toMatchObject({ metadata, cacheControl: "max-age=60" });
      if (body instanceof Buffer) expect(info.contentType).toBe("image/gif");
      expect(info.etag).toBe('"9dd4e461268c8034f5c8564e155c67a6"');
      const answer = await kit.fetch(`/object/open/${name}`, { by: "ada" });
      expect(answer.headers.get("cache-control")).toBe("max-age=60");
      await answer.arrayBuffer();
    }
  });

  it("a second upload of a name is a conflict, unless it is meant; update() replaces as well", async () => {
    const name = fresh();
    const first = given(await ada().upload(name, new Blob(["one"])));
    expect(refusal(await ada().upload(name, "two"))).toBe("409 The resource already exists");
    expect(refusal(await ada().upload(name, new Blob(["two"])))).toBe("409 The resource already exists");
    expect(await given(await ada().download(name)).text()).toBe("one");
    expect(given(await ada().upload(name, "two", { upsert: true })).id).toBe(first.id);
    expect(await given(await ada().download(name)).text()).toBe("two");
    given(await ada().update(name, new Blob(["three"])));
    expect(await given(await ada().download(name)).text()).toBe("three");
  });

  it("exists() and info() of what is not there", async () => {
    const name = fresh();
    expect((await ada().exists(name)).data).toBe(false);
    expect(refusal(await ada().info(name))).toBe("404 Object not found");
    expect((await ada().download(name)).error).not.toBeNull();
    given(await ada().upload(name, "x"));
    expect((await ada().exists(name)).data).toBe(true);
  });

  it("a bucket that is not there", async () => {
    const nowhere = kit.as("ada", release).from("nowhere");
    expect(refusal(await nowhere.upload("x", "x"))).toBe("404 Bucket not found");
    expect(refusal(await nowhere.createSignedUploadUrl("x"))).toBe("404 Bucket not found");
    expect(given(await nowhere.list())).toEqual([]);
    expect(given(await nowhere.remove(["x"]))).toEqual([]);
  });

  it("limits of the bucket, and of the project", async () => {
    const small = kit.root(release).from("small");
    const kilobyte = Buffer.alloc(1024);
    given(await small.upload(fresh(".png"), kilobyte, { contentType: "image/png" }));
    given(await small.upload(fresh(), new Blob(["x"], { type: "text/plain; charset=utf-8" })));
    const more = Buffer.alloc(1025);
    for (const body of [more, new Blob([more], { type: "image/png" }), Readable.from([more])]) {
      const options = { contentType: "image/png", duplex: "half" };
      expect(refusal(await small.upload(fresh(), body, options))).toBe(
        "413 The object exceeded the maximum allowed size",
      );
    }
    for (const body of [kilobyte, new Blob([kilobyte], { type: "application/pdf" })])
      expect(refusal(await small.upload(fresh(), body, { contentType: "application/pdf" }))).toBe(
        "415 mime type application/pdf is not supported",
      );
    expect(given(await small.list()).every(({ metadata }) => (metadata?.size ?? 0) <= 1024)).toBe(true);
    const great = new Blob([Buffer.alloc(20 * 1024 * 1024 + 1)]);
    expect(refusal(await ada().upload(fresh(), great))).toBe(
      "413 The object exceeded the maximum allowed size",
    );
  });

  it("move, also to another bucket; a taken name is a conflict and an absent one is none", async () => {
    const [from, to, other] = [fresh(), `moved/${fresh()}`, fresh()];
    const { id } = given(await ada().upload(from, "moved"));
    given(await ada().upload(other, "other"));
    expect(given(await ada().move(from, to)).message).toBe("Successfully moved");
    expect((await ada().exists(from)).data).toBe(false);
    expect(given(await ada().info(to)).id).toBe(id);
    expect(refusal(await ada().move(to, other))).toBe("409 The resource already exists");
    expect(refusal(await ada().move(from, fresh()))).toBe("404 Object not found");
    const root = kit.root(release).from("open");
    expect(refusal(await root.move(to, "x", { destinationBucket: "nowhere" }))).toBe(
      "404 The related resource does not exist",
    );
    given(await root.move(to, to, { destinationBucket: "shown" }));
    expect(await given(await kit.root(release).from("shown").download(to)).text()).toBe("moved");
  });

  it("copy, also to another bucket, with what was said of it; the copies go their own ways", async () => {
    const [from, to] = [fresh(), `copied/${fresh()}`];
    given(await ada().upload(from, Buffer.from("copied"), { contentType: "image/png", metadata: { a: 1 } }));
    expect(given(await ada().copy(from, to))).toEqual({ path: `open/${to}` });
    expect(given(await ada().info(to))).toMatchObject({
      contentType: "image/png",
      size: 6,
      metadata: { a: 1 },
    });
    expect(refusal(await ada().copy(from, to))).toBe("409 The resource already exists");
    expect(refusal(await ada().copy(fresh(), to))).toBe("404 Object not found");
    const root = kit.root(release);
    expect(given(await root.from("open").copy(from, to, { destinationBucket: "shown" }))).toEqual({
      path: `shown/${to}`,
    });
    given(await ada().update(from, "changed"));
    expect(await given(await ada().download(to)).text()).toBe("copied");
    given(await ada().remove([from]));
    expect(await given(await root.from("shown").download(to)).text()).toBe("copied");
  });

  it("a copy onto itself changes what is said of it, and not its bytes", async () => {
    const [name, bare] = [fresh(), fresh()];
    const options = { contentType: "image/png", cacheControl: "60", metadata: { a: 1 } };
    given(await ada().upload(name, Buffer.from("itself"), options));
    const copy = async (to: string, body: object, headers: Record<string, string>) => {
      const keys = { bucketId: "open", sourceKey: name, destinationKey: to };
      const answer = await kit.fetch("/object/copy", {
        by: "ada",
        method: "POST",
        headers,
        body: JSON.stringify({ ...keys, copyMetadata: false, ...body }),
      });
      return (await answer.json()) as Record<string, unknown>;
    };
    // Without anything new, the type stays and what ada said is left out.
    expect(await copy(bare, {}, {})).toMatchObject({ Key: `open/${bare}` });
    expect(given(await ada().info(bare))).toMatchObject({ contentType: "image/png", metadata: null });
    const said = { "x-upsert": "true", "x-metadata": btoa('{"b":2}') };
    const metadata = { mimetype: "image/gif", cacheControl: "max-age=999" };
    expect(await copy(name, { metadata }, said)).toMatchObject({ name, bucket_id: "open", metadata });
    expect(await copy(name, { metadata }, {})).toMatchObject({ statusCode: "409", error: "Duplicate" });
    expect(await copy(fresh(), { metadata: { mimetype: "no type" } }, {})).toMatchObject({
      statusCode: "415",
    });
    expect(given(await ada().info(name))).toMatchObject({
      contentType: "image/gif",
      cacheControl: "max-age=999",
      size: 6,
      metadata: { b: 2 },
    });
    expect(await given(await ada().download(name)).text()).toBe("itself");
    // What replaces an object replaces what was said of it.
    given(await ada().update(name, "new", { metadata: { c: 3 } }));
    expect(given(await ada().info(name)).metadata).toEqual({ c: 3 });
  });

  it("a folder that is made empty holds a placeholder without bytes, of whatever type", async () => {
    const small = kit.root(release).from("small");
    const name = `${fresh("")}/.emptyFolderPlaceholder`;
    for (const body of [new Blob([]), ""]) given(await small.upload(name, body, { upsert: true }));
    expect(refusal(await small.upload(name, "x", { upsert: true }))).toMatch(/^413 /);
    expect(refusal(await small.upload(name, new Blob(["x"]), { upsert: true }))).toMatch(/^413 /);
    expect(given(await small.info(name)).size).toBe(0);
    given(await small.remove([name]));
  });

  it("remove() says what is gone and passes over what was not there", async () => {
    const names = [fresh(), `deep/er/${fresh()}`];
    for (const name of names) given(await ada().upload(name, "x"));
    const gone = given(await ada().remove([...names, "absent"]));
    expect(gone.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(gone[0]).toMatchObject({ bucket_id: "open" });
    for (const name of names) expect((await ada().exists(name)).data).toBe(false);
    expect(refusal(await ada().remove([]))).toBe("400 body/prefixes must NOT have fewer than 1 items");
    const many = Array.from({ length: 1001 }, (_, n) => `absent/${n}`);
    expect(given(await ada().remove(many.slice(1)))).toEqual([]);
    expect(refusal(await ada().remove(many))).toMatch(/^400 body.prefixes must NOT have more than 1000/);
    expect(given(await ada().createSignedUrls(many.slice(1), 60)).every(({ error }) => error)).toBe(true);
    expect(refusal(await ada().createSignedUrls(many, 60))).toMatch(/^400 body.paths must NOT have more/);
  });
});
