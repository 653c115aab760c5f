import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, refusal, releases, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
});

describe.each(releases)("buckets, with storage-js %s", (release) => {
  const root = () => kit.root(release);

  it("those of config.toml are there, with their limits", async () => {
    const buckets = given(await root().listBuckets());
    expect(buckets.map(({ id }) => id)).toEqual(expect.arrayContaining(["mine", "open", "shown", "small"]));
    expect(buckets.find(({ id }) => id === "small")).toMatchObject({
      name: "small",
      public: true,
      file_size_limit: 1024,
      allowed_mime_types: ["image/*", "text/plain"],
    });
    expect(buckets.find(({ id }) => id === "open")).toMatchObject({
      public: false,
      file_size_limit: null,
      allowed_mime_types: null,
    });
  });

  it("files of a bucket's objects_path are in it", async () => {
    const shown = root().from("shown");
    expect(given(await shown.list("seeded")).map(({ name }) => name)).toEqual(["hello.txt"]);
    const blob = given(await shown.download("seeded/hello.txt"));
    expect([blob.type, await blob.text()]).toEqual(["text/plain", "from a folder"]);
  });

  it("root makes one, sees it, changes it, deletes it", async () => {
    const id = fresh("-bucket");
    expect(given(await root().createBucket(id))).toEqual({ name: id });
    expect(given(await root().getBucket(id))).toMatchObject({
      id,
      name: id,
      public: false,
      file_size_limit: null,
    });
    const changed = { public: true, fileSizeLimit: "2mb", allowedMimeTypes: ["image/png"] };
    expect(given(await root().updateBucket(id, changed)).message).toBe("Successfully updated");
    expect(given(await root().getBucket(id))).toMatchObject({
      public: true,
      file_size_limit: 2_000_000,
      allowed_mime_types: ["image/png"],
    });
    given(await root().updateBucket(id, { public: true }));
    expect(given(await root().getBucket(id))).toMatchObject({ file_size_limit: 2_000_000 });
    given(await root().updateBucket(id, { public: false, fileSizeLimit: null, allowedMimeTypes: null }));
    expect(given(await root().getBucket(id))).toMatchObject({
      public: false,
      file_size_limit: null,
      allowed_mime_types: null,
    });
    expect(given(await root().deleteBucket(id)).message).toBe("Successfully deleted");
    expect(refusal(await root().getBucket(id))).toBe("404 Bucket not found");
  });

  it("a name that is taken is a conflict, whoever has it", async () => {
    expect(refusal(await root().createBucket("open"))).toBe("409 The resource already exists");
  });

  it.each([
    ["a/b", "400 Bucket name invalid"],
    [" a", "400 Bucket name invalid"],
    ["a ", "400 Bucket name invalid"],
    ["..", "400 Bucket name invalid"],
    ["bücket", "400 Bucket name invalid"],
    ["a\u0000b", "400 Bucket name invalid"],
    ["x".repeat(101), "400 Bucket name invalid"],
    ["", "400 Bucket name invalid"],
  ])("%j is no name", async (name, why) => {
    expect(refusal(await root().createBucket(name))).toBe(why);
  });

  it.each([
    [{ fileSizeLimit: "many" }, "400 Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B"],
    [{ fileSizeLimit: -1 }, "400 Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B"],
    [{ fileSizeLimit: "1gb" }, "413 The object exceeded the maximum allowed size"],
    [{ allowedMimeTypes: ["image"] }, "415 mime type image is not supported"],
    [
      { allowedMimeTypes: ["text/html; evil\r\nx: y"] },
      "415 mime type text/html; evil\r\nx: y is not supported",
    ],
  ])("%j is no limit", async (limits, why) => {
    expect(refusal(await root().createBucket(fresh(""), { public: false, ...limits }))).toBe(why);
  });

  it("one with files in it stays until it has been emptied", async () => {
    const id = fresh("");
    given(await root().createBucket(id, { public: false }));
    for (const name of ["a", "b/c"]) given(await root().from(id).upload(name, "x"));
    expect(refusal(await root().deleteBucket(id))).toBe("409 The bucket you tried to delete is not empty");
    expect(given(await root().emptyBucket(id)).message).toBe(
      "Empty bucket has been queued. Completion may take up to an hour.",
    );
    expect(given(await root().from(id).list())).toEqual([]);
    given(await root().deleteBucket(id));
  });

  it("a bucket that is closed again shows nothing more; nothing to change is a refusal", async () => {
    const id = fresh("");
    given(await root().createBucket(id, { public: true, fileSizeLimit: "1kb" }));
    given(await root().from(id).upload("x", "shown"));
    const { publicUrl } = root().from(id).getPublicUrl("x").data;
    expect(await (await fetch(publicUrl)).text()).toBe("shown");
    given(await root().updateBucket(id, { public: false }));
    expect((await fetch(publicUrl)).status).toBe(400);
    const nothing = await kit.fetch(`/bucket/${id}`, { by: "root", method: "PUT", body: "{}" });
    expect([nothing.status, await nothing.json()]).toMatchObject([400, { code: "InvalidRequest" }]);
    expect(given(await root().getBucket(id))).toMatchObject({ public: false, file_size_limit: 1000 });
    expect(refusal(await root().updateBucket("nowhere", { public: true }))).toBe("404 Bucket not found");
  });

  it("types are kept once, bare and in lower case; what is none is refused", async () => {
    const id = fresh("");
    const types = [' Text/Plain; charset="UTF-8" ', "text/plain;charset=iso-8859-1", "IMAGE/*", "image/*"];
    given(await root().createBucket(id, { public: false, allowedMimeTypes: types }));
    expect(given(await root().getBucket(id)).allowed_mime_types).toEqual(["text/plain", "image/*"]);
    given(await root().from(id).upload("x", "x", { contentType: "TEXT/plain; charset=utf-8" }));
    for (const type of [
      "*/*",
      "*/png",
      "image/p*",
      "image/*/x",
      "image/png/x",
      "image/png;a=b, x/y",
      "image/png;a",
    ]) {
      expect(refusal(await root().updateBucket(id, { public: false, allowedMimeTypes: [type] }))).toBe(
        `415 mime type ${type} is not supported`,
      );
    }
    given(await root().updateBucket(id, { public: false, allowedMimeTypes: [] }));
    given(await root().from(id).upload("y", "y", { contentType: "application/pdf" }));
  });

  it("ada and strangers see none, make none, change none, delete none without policies", async () => {
    for (const client of [kit.as("ada", release), kit.as(undefined, release)]) {
      expect(given(await client.listBuckets())).toEqual([]);
      expect(refusal(await client.getBucket("open"))).toBe("404 Bucket not found");
      expect(refusal(await client.createBucket(fresh("")))).toBe(
        "403 new row violates row-level security policy",
      );
      expect(refusal(await client.updateBucket("open", { public: true }))).toBe("404 Bucket not found");
      expect(refusal(await client.deleteBucket("open"))).toBe("404 Bucket not found");
      expect(refusal(await client.emptyBucket("open"))).toBe("403 Access denied: Invalid role");
    }
    expect(given(await root().getBucket("open")).public).toBe(false);
  });

  it("ada does what policies on buckets give her, and no more", async () => {
    const db = await kit.owner();
    const id = `ada-${fresh("")}`;
    const ada = kit.as("ada", release);
    const policy = async (verb: string, check: string) => {
      await db.query(
        `create policy ada on storage.buckets for ${verb} to authenticated ${check} (id like 'ada-%')`,
      );
      return async () => void (await db.query("drop policy ada on storage.buckets"));
    };
    const insert = await policy("insert", "with check");
    expect(given(await ada.createBucket(id))).toEqual({ name: id });
    expect(refusal(await ada.createBucket("eve's"))).toBe("403 new row violates row-level security policy");
    for (const result of [
      await ada.getBucket(id),
      await ada.updateBucket(id, { public: true }),
      await ada.deleteBucket(id),
    ])
      expect(refusal(result)).toBe("404 Bucket not found");
    await insert();
    const all = await policy("all", "using");
    expect(given(await ada.getBucket(id))).toMatchObject({ id, public: false, owner: kit.people.ada.id });
    expect(given(await ada.listBuckets()).map((bucket) => bucket.id)).toEqual([id]);
    given(await ada.updateBucket(id, { public: true }));
    expect(refusal(await ada.updateBucket("open", { public: true }))).toBe("404 Bucket not found");
    given(await ada.deleteBucket(id));
    await all();
  });

  it("lists are searched, sorted and cut", async () => {
    const names = ["b", "a", "c"].map((letter) => `${release}-${letter}`);
    for (const name of names) given(await root().createBucket(name));
    const list = async (options: object) => given(await root().listBuckets(options)).map(({ id }) => id);
    const search = `${release}-`.toUpperCase();
    expect(await list({ search })).toEqual(names.toSorted());
    expect(await list({ search, sortColumn: "name", sortOrder: "desc", limit: 2 })).toEqual(
      names.toSorted().reverse().slice(0, 2),
    );
    expect(await list({ search, offset: 2 })).toEqual([`${release}-c`]);
    for (const query of ["limit=0", "offset=-1", "limit=x", "sortColumn=owner", "sortOrder=up"])
      expect((await kit.fetch(`/bucket?${query}`, { by: "root" })).status).toBe(400);
    // The list alone tells of what kind a bucket is, as on hosted.
    expect(given(await root().listBuckets({ search }))[0]).toMatchObject({ type: "STANDARD" });
    const bucket = given(await root().getBucket(`${release}-a`));
    expect(Object.keys(bucket).toSorted()).toEqual(
      [
        ...["allowed_mime_types", "created_at", "file_size_limit", "id"],
        ...["name", "owner", "public", "updated_at"],
      ].toSorted(),
    );
    expect(bucket.owner).toBe("");
  });
});

it("a token that is none, or is over, is refused in Storage's words", async () => {
  const answers = ["x.y.z", await kit.token({ exp: 1 })].map(async (token) => {
    const answer = await fetch(`${kit.url}/bucket`, { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, await answer.json()];
  });
  expect(await Promise.all(answers)).toEqual([
    [400, { statusCode: "403", code: "AccessDenied", error: "Unauthorized", message: "Invalid Compact JWS" }],
    [
      400,
      {
        statusCode: "403",
        code: "AccessDenied",
        error: "Unauthorized",
        message: '"exp" claim timestamp check failed',
      },
    ],
  ]);
});
