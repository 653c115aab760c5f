import { Readable } from "node:stream";
import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, type Name, type StorageKit, sharedKit } from "./storage-kit.ts";
import { ask, metadata, shown, type Words } from "./storage-tus.ts";

let kit: StorageKit;
let db: pg.Client;
beforeAll(async () => {
  kit = await sharedKit();
  db = await kit.owner();
});

const request = (...words: Words) => ask(kit, ...words);

describe("what somebody has begun and not finished", () => {
  const begin = async (by: Name | undefined, headers: Record<string, string>, body?: string) => {
    const named = { "upload-metadata": metadata({ bucketName: "open", objectName: fresh() }) };
    const made = await request("/storage/v1/upload/resumable", "POST", by, { ...named, ...headers }, body);
    return { status: made.status, said: await made.text(), where: made.headers.get("location") ?? "" };
  };
  const sized = (bytes: number) => ({ "upload-length": String(bytes) });
  const unsized = { "upload-defer-length": "1" };
  const append = async (where: string, offset: number, body: string | Readable): Promise<number> => {
    const answer = await fetch(new URL(where, kit.stack.env.API_URL), {
      method: "PATCH",
      headers: {
        ...shown(kit, "ben"),
        ...{ "tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream" },
        "upload-offset": String(offset),
      },
      ...(typeof body === "string" ? { body } : { body: Readable.toWeb(body) as never, duplex: "half" }),
    });
    return answer.status;
  };
  /** Ben has begun `uploads`, which take so many bytes each. */
  const held = async (uploads: number, bytes: number): Promise<void> => {
    await db.query("update storage.s3_multipart_uploads set owner_id = 'somebody' where owner_id = $1", [
      kit.people.ben.id,
    ]);
    await db.query(
      `insert into storage.s3_multipart_uploads (id, version, bucket_id, key, owner_id, upload_signature, in_progress_size)
       select v, v, 'open', v, $1, 'tus', $3 from (select gen_random_uuid()::text as v from generate_series(1, $2::integer)) w`,
      [kit.people.ben.id, uploads, bytes],
    );
  };
  const room = 2 * 1024 ** 3;

  it("takes two gigabytes of the disk and no more, however many begin at once, and others have theirs", async () => {
    await held(2, room / 2 - 15);
    const many = await Promise.all(Array.from({ length: 12 }, () => begin("ben", sized(10))));
    const made = many.filter(({ status }) => status === 201);
    expect(made).toHaveLength(3);
    for (const { status, said } of many)
      if (status !== 201) expect(`${status} ${said}`).toMatch(/^429 Too much was begun/);
    expect((await begin("ben", sized(0))).status).toBe(201);
    expect((await begin("ada", sized(10))).status).toBe(201);
    // What is given up, or finished, makes room.
    expect((await begin("ben", sized(10))).status).toBe(429);
    expect((await request(made[0]?.where ?? "", "DELETE", "ben")).status).toBe(204);
    const next = await begin("ben", sized(10));
    expect(await append(next.where, 0, "0123456789")).toBe(204);
    expect((await begin("ben", sized(10))).status).toBe(201);
  });

  it("counts what comes, where a length was not said before", async () => {
    await held(1, room - 10);
    const { status, where } = await begin("ben", unsized);
    expect(status).toBe(201);
    expect(await append(where, 0, "012345")).toBe(204);
    expect(await append(where, 6, "6789x")).toBe(429);
    expect(await append(where, 6, Readable.from([Buffer.from("6")]))).toBe(429);
    // Nothing of what was refused was written, and the other ones have no more room for it.
    expect((await request(where, "HEAD", "ben")).headers.get("upload-offset")).toBe("6");
    const { where: second } = await begin("ben", unsized);
    expect(await append(second, 0, "01234")).toBe(429);
    expect(await append(second, 0, "01")).toBe(204);
    expect(await append(where, 6, "67")).toBe(204);
    const withBody = { ...unsized, "content-type": "application/offset+octet-stream" };
    expect((await begin("ben", withBody, "0")).status).toBe(429);
    await held(0, 0);
    expect(
      await append((await begin("ben", withBody, "01")).where, 2, Readable.from([Buffer.from("2")])),
    ).toBe(204);
  });

  it("is a thousand uploads at most", async () => {
    await held(999, 0);
    expect((await begin("ben", sized(1))).status).toBe(201);
    expect((await begin("ben", sized(1))).status).toBe(429);
    // The secret key is bound by none of this; an address that ben has signed is.
    const root = { authorization: `Bearer ${kit.stack.env.SECRET_KEY}`, apikey: kit.stack.env.SECRET_KEY };
    expect((await begin(undefined, { ...sized(1), ...root })).status).toBe(201);
    const name = `${kit.people.ben.id}/${fresh()}`;
    const { token } = given(await kit.as("ben").from("mine").createSignedUploadUrl(name));
    const signed = await request("/storage/v1/upload/resumable/sign", "POST", "nobody", {
      ...{ ...sized(1), "x-signature": token },
      "upload-metadata": metadata({ bucketName: "mine", objectName: name }),
    });
    expect(signed.status).toBe(429);
    await held(0, 0);
    expect((await begin("ben", sized(1))).status).toBe(201);
  });
});
