import { statSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, it } from "vitest";
import { fresh, given, type StorageKit, sharedKit } from "./storage-kit.ts";
import { ask, metadata, type Words } from "./storage-tus.ts";

// The protocol of resumable uploads, request by request.

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
});

const request = (...words: Words) => ask(kit, ...words);

it("an offset that is not the upload's is a conflict and changes nothing; bytes may come with the creation", async () => {
  const name = fresh();
  const octets = { "content-type": "application/offset+octet-stream" };
  const made = await request(
    "/storage/v1/upload/resumable",
    "POST",
    "ada",
    {
      ...octets,
      "upload-length": "10",
      "upload-metadata": metadata({ bucketName: "open", objectName: name }),
    },
    "0123",
  );
  const where = made.headers.get("location") ?? "";
  expect([made.status, made.headers.get("upload-offset")]).toEqual([201, "4"]);
  const patch = (offset: string, body: string) =>
    request(where, "PATCH", "ada", { ...octets, "upload-offset": offset }, body);
  const offset = async () => (await request(where, "HEAD", "ada")).headers.get("upload-offset");
  for (const wrong of ["0", "5", "10", "99"]) {
    expect((await patch(wrong, "xxxxxx")).status).toBe(409);
    expect(await offset()).toBe("4");
  }
  for (const wrong of ["-1", "x", "1e1", ""]) expect((await patch(wrong, "x")).status).toBe(400);
  // More than was announced is refused, and the rest still fits.
  expect((await patch("4", "4567890")).status).toBeGreaterThanOrEqual(400);
  const at = Number(await offset());
  expect(at).toBeLessThanOrEqual(10);
  if (at < 10) expect((await patch(String(at), "0123456789".slice(at))).status).toBe(204);
  expect((await given(await kit.root().from("open").download(name)).arrayBuffer()).byteLength).toBe(10);
});

it("refusals are hosted's words and nothing more", async () => {
  const begin = async (bucketName: string, length: number, by: "ada" | "nobody" = "ada") => {
    const headers = {
      "upload-length": String(length),
      "upload-metadata": metadata({ bucketName, objectName: fresh() }),
    };
    const answer = await request("/storage/v1/upload/resumable", "POST", by, headers);
    return [answer.status, await answer.text()];
  };
  expect(await begin("nowhere", 1)).toEqual([404, "Bucket not found"]);
  expect(await begin("open", 20 * 1024 * 1024 + 1)).toEqual([413, "Maximum size exceeded\n"]);
  expect(await begin("mine", 1)).toEqual([403, "new row violates row-level security policy"]);
  expect((await begin("open", 1, "nobody"))[0]).toBe(400);
});

it("the protocol: versions, extensions, limits; what is no request of it is refused", async () => {
  const options = await request("/storage/v1/upload/resumable", "OPTIONS", "nobody");
  expect([options.status, options.headers.get("tus-version")]).toEqual([204, "1.0.0"]);
  expect(options.headers.get("tus-max-size")).toBe(String(20 * 1024 * 1024));
  const extensions = options.headers.get("tus-extension")?.split(",");
  expect(extensions).toEqual(expect.arrayContaining(["creation", "termination", "expiration"]));
  const without = await request("/storage/v1/upload/resumable", "POST", "ada", { "upload-length": "1" });
  expect(without.status).toBe(400);
  for (const id of ["x", "..%2f..%2fkeys.json", crypto.randomUUID()])
    expect((await request(`/storage/v1/upload/resumable/${id}`, "HEAD", "ada")).status).toBe(404);
  expect(statSync(path.join(kit.stack.data, "keys.json")).size).toBeGreaterThan(0);
});
