/** Files against the server itself: what its answers and its disk may say, and what a device then sends, shows and keeps. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromUuid } from "../../sdk/src/chat/ids.ts";
import { fileTarget } from "../../sdk/src/files/node/index.ts";
import type { StoredFile, TrackIt } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import { Insider, talkerBy } from "../support/chat/people.ts";

type Row = Record<string, unknown> & { id: string };

let kit: SdkKit;
let proxy: LyingProxy;
let ada: { trackit: TrackIt; id: string };
let folder: string;
/** All that left ada's device. */
let sent: string[] = [];

const noted: typeof fetch = (input, init) => {
  const body = init?.body instanceof Uint8Array ? Buffer.from(init.body).toString("latin1") : init?.body;
  sent.push(String(body ?? ""));
  return fetch(input, init);
};

beforeAll(async () => {
  kit = await startSdkKit();
  proxy = await lyingProxy(kit.stack.env.API_URL);
  const chat = { keystore: memoryKeystore("ada") };
  ada = await kit.join("ada", kit.trackit({ url: proxy.url, chat, fetch: noted }));
  folder = await mkdtemp(path.join(tmpdir(), "files-server-"));
});
afterAll(async () => {
  await kit?.stop();
  await proxy?.close();
  if (folder) await rm(folder, { recursive: true });
});

const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer());
const unopened = { code: "CRYPTO_OPEN_FAILED" };
const page = "https://app.example/s";
/** 62,500 bytes: four chunks. */
const content = randomBytes(62_500);

const upload = (name: string): Promise<StoredFile> => ada.trackit.files.upload(content, { name });

/** Every row of these calls as the lie makes it; stops by itself. */
async function lying<Answer>(lie: (row: Row) => object, work: () => Promise<Answer>): Promise<Answer> {
  const told = ["read_files", "files_page"].map((name) =>
    proxy.answers<Row[]>(name, ada.id, (rows) => rows.map(lie)),
  );
  try {
    return await work();
  } finally {
    expect(told.some(({ times }) => times > 0)).toBe(true);
    for (const one of told) one.stop();
  }
}

describe("a file that is sealed, of which the server says that it is not", () => {
  const plain = (row: Row) => ({ ...row, encrypted: false, name: "evil.txt", media_type: "text/html" });

  it("is opened as it was sealed, and shown under no name of the server's", async () => {
    const { id } = await upload("plan.txt");
    await lying(plain, async () => {
      expect((await bytesOf(await ada.trackit.files.download(id))).equals(content)).toBe(true);
      expect(await ada.trackit.files.get(id)).toMatchObject({
        name: "plan.txt",
        encrypted: true,
        problem: null,
      });
    });
    const bare = (row: Row) => ({ ...plain(row), sealed: null });
    await lying(bare, async () => {
      await expect(ada.trackit.files.download(id)).rejects.toMatchObject(unopened);
      await expect(ada.trackit.shares.create(id, { page })).rejects.toMatchObject(unopened);
      const [listed] = await ada.trackit.files.list().toArray({ max: 1 });
      for (const shown of [listed, await ada.trackit.files.get(id)])
        expect(shown).toMatchObject({ id, name: null, type: "", size: null, encrypted: true });
    });
  });

  it("gets its next version and its next name sealed", async () => {
    const { id } = await upload("plan.txt");
    sent = [];
    await lying(plain, async () => {
      await ada.trackit.files.update(id, { name: "a-secret-name.txt" });
      await ada.trackit.files.uploadVersion(id, Buffer.from("a-secret-content"), { type: "text/a-secret" });
    });
    expect(sent.length).toBeGreaterThan(4);
    expect(sent.filter((body) => body.includes("a-secret"))).toEqual([]);
    expect(await (await ada.trackit.files.download(id)).text()).toBe("a-secret-content");
    expect((await ada.trackit.files.get(id)).name).toBe("a-secret-name.txt");
  });

  it("a plain version is sent where ada says so, and not because of what the server says", async () => {
    const file = await ada.trackit.files.upload(Buffer.from("one"), { name: "open.txt", encrypt: false });
    const version = (encrypt?: boolean) =>
      ada.trackit.files.uploadVersion(file.id, Buffer.from("a-secret"), { encrypt });
    sent = [];
    await expect(version()).rejects.toMatchObject({ code: "USAGE_INVALID" });
    expect(sent.filter((body) => body.includes("a-secret"))).toEqual([]);
    expect((await version(false)).contentVersion).toBe(2);
    const { id } = await upload("plan.txt");
    await expect(
      ada.trackit.files.uploadVersion(id, Buffer.from("a-secret"), { encrypt: false }),
    ).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });
});

it("a device that has never seen a file shows what the server says, sends no content for it, and from the truth on believes no other", async () => {
  const { id } = await upload("plan.txt");
  const laptop = kit.trackit({ url: proxy.url, chat: { keystore: memoryKeystore("laptop") }, fetch: noted });
  const { data } = await ada.trackit.supabase.auth.getUser();
  await laptop.auth.signIn({ email: data.user?.email ?? "", password: PASSWORD });
  const asked = await laptop.devices.requestApproval();
  await Promise.all([ada.trackit.devices.approve(asked.code), asked.approved]);
  const bare = (row: Row) => ({ ...row, encrypted: false, name: "evil.txt", sealed: null });
  await lying(bare, async () => {
    expect(await laptop.files.get(id)).toMatchObject({ encrypted: false, name: "evil.txt" });
    sent = [];
    await expect(laptop.files.uploadVersion(id, Buffer.from("a-secret"))).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
    expect(sent.filter((body) => body.includes("a-secret"))).toEqual([]);
  });
  expect((await bytesOf(await laptop.files.download(id))).equals(content)).toBe(true);
  await lying(bare, async () => {
    await expect(laptop.files.download(id)).rejects.toMatchObject(unopened);
    expect(await laptop.files.get(id)).toMatchObject({ encrypted: true, name: null });
  });
});

it("a file that the SDK sends is kept by no cache on its way to whoever may read it now", async () => {
  const { id } = await upload("plan.txt");
  const { data } = await ada.trackit.supabase.auth.getSession();
  const url = `${kit.stack.env.API_URL}/storage/v1/object/authenticated/files/${ada.id}/${id}/1`;
  const headers = { authorization: `Bearer ${data.session?.access_token}` };
  const { status, headers: told } = await fetch(url, { headers });
  expect([status, told.get("cache-control")]).toEqual([200, "no-store"]);
});

describe("what stands beside a seal", () => {
  it("gives no file a name, and another file's seal gives it none either", async () => {
    const [one, other] = [await upload("one.txt"), await upload("other.txt")];
    const { data } = await ada.trackit.supabase.rpc("read_files", { ids: [other.id] });
    const [{ sealed }] = data as [Row];
    for (const lie of [
      { sealed, name: "evil.txt" },
      { sealed: null, name: "evil.txt", media_type: "text/evil" },
    ])
      await lying(
        (row) => ({ ...row, ...lie }),
        async () => {
          expect(await ada.trackit.files.get(one.id)).toMatchObject({
            name: null,
            type: "",
            thumbnail: null,
          });
          await expect(ada.trackit.files.download(one.id)).rejects.toMatchObject(unopened);
        },
      );
    expect((await ada.trackit.files.get(one.id)).name).toBe("one.txt");
  });
});

describe("a file of ada's, of which the server says that it is eve's", () => {
  it("is not what eve tells of it in a message", async () => {
    const { id } = await upload("ada's own.txt");
    const eve = await talkerBy(kit, kit.stack.env.API_URL, "eve");
    const { username } = await ada.trackit.profiles.me();
    await ada.trackit.devices.me();
    const room = await eve.trackit.rooms.direct(username);
    const insider = await Insider.open(eve);
    const info = {
      ...{ id: fromUuid(id), version: 7, key: randomBytes(32), size: 5, hash: randomBytes(32) },
      ...{ name: "eve's.txt", type: "", thumbnail: new Uint8Array() },
    };
    const { sender } = await insider.room(room.id);
    await sender.send({ kind: "files", reply: new Uint8Array(32), caption: "", files: [info] });
    const { data } = await ada.trackit.supabase.rpc("read_files", { ids: [id] });
    const [row] = data as [Row];
    const shared = {
      share_id: crypto.randomUUID(),
      shared_at: row.created_at,
      owner: { id: eve.id, username: "ben" },
    };
    const told = proxy.answers("shared_with_me", ada.id, () => [
      { ...shared, file: { ...row, owner_id: eve.id } },
    ]);
    const [seen] = await ada.trackit.files.shared().toArray();
    expect([seen?.id, seen?.name, told.times]).toEqual([id, null, 1]);
    told.stop();
    expect((await ada.trackit.files.get(id)).name).toBe("ada's own.txt");
    expect((await bytesOf(await ada.trackit.files.download(id))).equals(content)).toBe(true);
    await insider.close();
  });
});

describe("bytes that were changed where they lie", () => {
  const CHUNK = 16_400;
  const chunk = (bytes: Buffer, n: number): Buffer => bytes.subarray(56 + n * CHUNK, 56 + (n + 1) * CHUNK);
  const withChunk = (bytes: Buffer, n: number, other: Buffer): Buffer => {
    const made = Buffer.from(bytes);
    other.copy(made, 56 + n * CHUNK);
    return made;
  };
  type Lie = (bytes: Buffer, before: Buffer, other: Buffer) => Buffer;
  const lies: [string, Lie][] = [
    ["one bit", (bytes) => Buffer.from(bytes.map((byte, at) => (at === 40_000 ? byte ^ 1 : byte)))],
    [
      "the last bit",
      (bytes) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))),
    ],
    [
      "two chunks in each other's place",
      (bytes) => withChunk(withChunk(bytes, 1, chunk(bytes, 2)), 2, chunk(bytes, 1)),
    ],
    ["a chunk of the version before", (bytes, before) => withChunk(bytes, 1, chunk(before, 1))],
    ["a chunk of another file", (bytes, _, other) => withChunk(bytes, 1, chunk(other, 1))],
    ["the version before", (_, before) => before],
    ["another file", (_, __, other) => other],
    ["a chunk less", (bytes) => bytes.subarray(0, -chunk(bytes, 3).length)],
    ["a byte less", (bytes) => bytes.subarray(0, -1)],
    ["a byte more", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ["nothing", () => Buffer.alloc(0)],
  ];
  /** Where the bytes of a version lie. */
  const place = async (id: string, number: number): Promise<string> => {
    const [row] = await kit.sql`select version from storage.objects where name like ${`%/${id}/${number}`}`;
    const name = String(row?.version);
    return path.join(kit.stack.data, "storage/objects", name.slice(0, 2), name);
  };

  it("are no file: no Blob, no file on the disk, no stream that ends well, neither for ada nor for whoever has a link", async () => {
    const file = await upload("plan.bin");
    await ada.trackit.files.uploadVersion(file.id, content);
    const other = await upload("other.bin");
    const { link } = await ada.trackit.shares.create(file.id, { page });
    const opened = await kit.trackit().shares.open(link ?? "");
    const [now, before] = [await place(file.id, 2), await place(file.id, 1)];
    const [bytes, old, others] = [
      await readFile(now),
      await readFile(before),
      await readFile(await place(other.id, 1)),
    ];
    for (const [name, lie] of lies) {
      await writeFile(now, lie(bytes, old, others));
      const target = path.join(folder, "plan.bin");
      await expect(ada.trackit.files.download(file.id), name).rejects.toMatchObject(unopened);
      await expect(ada.trackit.files.save(file.id, fileTarget(target)), name).rejects.toMatchObject(unopened);
      await expect(opened.save(fileTarget(target)), name).rejects.toMatchObject(unopened);
      const { stream } = await ada.trackit.files.stream(file.id);
      await expect(new Response(stream).arrayBuffer(), name).rejects.toMatchObject(unopened);
      expect(await readdir(folder), name).toEqual([]);
    }
    await writeFile(now, bytes);
    await opened.save(fileTarget(path.join(folder, "plan.bin")));
    expect((await readFile(path.join(folder, "plan.bin"))).equals(content)).toBe(true);
  });
});
