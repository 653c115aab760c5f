/** Files through the SDK: sealed on the device, stored, listed, read back. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Progress, TrackIt } from "../../sdk/src/index.ts";
import { approved, restarted, type Talker, talker } from "./chat-kit.ts";
import { type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Talker;
let ben: Talker;
let files: TrackIt["files"];

beforeAll(async () => {
  kit = await startSdkKit();
  [ada, ben] = await Promise.all([talker(kit, "ada"), talker(kit, "ben")]);
  files = ada.trackit.files;
});
afterAll(() => kit?.stop());

const PART = 6 * 1_048_576;
const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer());
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe.each([true, false])("a file of ada's (encrypted: %s)", (encrypt) => {
  it.each([0, 1, 100_000, PART + 1_234_567])("of %d bytes comes back as it was", async (size) => {
    const content = randomBytes(size);
    const told: Progress[] = [];
    const file = await files.upload(new Blob([content], { type: "application/x-log" }), {
      ...{ name: `diary ${size}.log`, encrypt },
      onProgress: (progress) => told.push(progress),
    });
    expect(file).toMatchObject({
      name: `diary ${size}.log`,
      type: "application/x-log",
      size,
      encrypted: encrypt,
    });
    expect(file).toMatchObject({ state: "ready", contentVersion: 1, problem: null, ownerId: ada.id });
    expect(told.at(-1)).toEqual({ done: file.storedSize, total: file.storedSize });
    for (const ref of [file, file.id])
      expect(sha(await bytesOf(await files.download(ref)))).toBe(sha(content));
  });
});

describe("a part of a file", () => {
  it.each([true, false])("is what a slice of it is (encrypted: %s)", async (encrypt) => {
    const content = randomBytes(200_000);
    const file = await files.upload(content, { name: "part.bin", encrypt });
    for (const [from, to] of [
      [0, 10],
      [16_380, 16_390],
      [150_000, 200_000],
      [5, 5],
    ] as const) {
      const part = await bytesOf(await files.download(file.id, { from, to }));
      expect(part.equals(content.subarray(from, to)), `${from} to ${to}`).toBe(true);
    }
    await expect(files.download(file.id, { from: 0, to: 200_001 })).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
  });
});

describe("what the server does to an encrypted file", () => {
  it("is noticed: a changed byte, a cut end, another version's bytes", async () => {
    const content = randomBytes(50_000);
    const file = await files.upload(content, { name: "honest.bin" });
    const other = await files.upload(randomBytes(50_000), { name: "other.bin" });
    const url = `${kit.stack.env.API_URL}/storage/v1/object/files/${ada.id}/${file.id}/1`;
    const honest = await bytesOf(await files.download(file.id));
    expect(honest.equals(content)).toBe(true);
    const stolen = kit.trackit({
      chat: { keystore: ada.keystore },
      fetch: async (input, init) => {
        const address = String(input instanceof Request ? input.url : input);
        if (!address.includes(file.id) || !address.includes("/object/")) return fetch(input, init);
        return lie(address, init);
      },
    });
    await stolen.auth.signIn({ email: ada.email, password: "correct horse 1" });
    const bytes = Buffer.from(await (await own(url)).arrayBuffer());
    let lie: (address: string, init?: RequestInit) => Promise<Response> = (address, init) =>
      fetch(address, init);
    const whole = (body: Uint8Array) => (): Response =>
      new Response(new Uint8Array(body), { headers: { "content-length": String(body.length) } });
    const lies = {
      "a changed byte": whole(Buffer.from(bytes.map((byte, at) => (at === 20_000 ? byte ^ 1 : byte)))),
      "a cut end": whole(bytes.subarray(0, -1)),
      "another file": whole(Buffer.from(await (await own(url.replace(file.id, other.id))).arrayBuffer())),
    };
    for (const [name, answer] of Object.entries(lies)) {
      lie = async () => answer();
      await expect(stolen.files.download(file.id), name).rejects.toMatchObject({
        code: "CRYPTO_OPEN_FAILED",
      });
    }
    lie = (address, init) => fetch(address, init);
    expect((await bytesOf(await stolen.files.download(file.id))).equals(content)).toBe(true);

    async function own(address: string): Promise<Response> {
      const { data } = await ada.trackit.supabase.auth.getSession();
      const headers = {
        apikey: kit.stack.env.PUBLISHABLE_KEY,
        authorization: `Bearer ${data.session?.access_token}`,
      };
      return fetch(address, { headers });
    }
  });
});

/** Lets so many parts through, then nothing of Storage's any more. */
function cutAfter(parts: number): { fetch: typeof fetch; sent: number[]; allow(parts: number): void } {
  const sent: number[] = [];
  let left = parts;
  const cut: typeof fetch = async (input, init) => {
    if (init?.method === "PATCH") {
      if (left-- <= 0) throw new TypeError("the line is cut");
      sent.push((init.body as Uint8Array).length);
    }
    return fetch(input, init);
  };
  const allow = (more: number): void => {
    left = more;
  };
  return { fetch: cut, sent, allow };
}

describe("an upload", () => {
  it("resume_changed_source: goes on after a restart where it stopped, and refuses another source", async () => {
    const content = randomBytes(2 * PART + 5_000);
    const source = { size: content.length, stream: () => new Blob([content]).stream() };
    const line = cutAfter(1);
    const gus = await talker(kit, "gus", { fetch: line.fetch });
    let done = 0;
    const onProgress = (progress: Progress): void => {
      done = progress.done;
    };
    const upload = gus.trackit.files.upload(source, { name: "long.bin", onProgress });
    await expect.poll(() => done).toBe(PART);
    upload.pause();
    const again = await restarted(kit, gus, { fetch: line.fetch });
    const [begun] = await again.trackit.files.uploads();
    expect(begun).toMatchObject({ name: "long.bin", size: content.length, resumable: true });
    line.allow(9);
    const id = begun?.uploadId ?? "";
    const changed = Buffer.from(content);
    changed[10] = (changed[10] ?? 0) ^ 1;
    await expect(again.trackit.files.resume(id, changed)).rejects.toMatchObject({ code: "FILE_CHANGED" });
    await expect(again.trackit.files.resume(id, content.subarray(1))).rejects.toMatchObject({
      code: "FILE_CHANGED",
    });
    const file = await again.trackit.files.resume(id, source);
    expect(line.sent).toEqual([PART, PART, file.storedSize - 2 * PART]);
    expect(sha(await bytesOf(await again.trackit.files.download(file)))).toBe(sha(content));
    expect(await again.trackit.files.uploads()).toEqual([]);
    void upload.catch(() => {});
  });

  it("waits while it is held, and gives its space back when it is given up", async () => {
    const before = await used();
    const ending = new AbortController();
    const upload = files.upload(randomBytes(PART + 10), { name: "held.bin", signal: ending.signal });
    upload.pause();
    await expect.poll(used).toBeGreaterThan(before);
    ending.abort();
    await expect(upload).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
    expect(await used()).toBe(before);
    expect(await files.uploads()).toEqual([]);
    const second = files.upload(randomBytes(PART + 10), { name: "held.bin" });
    second.pause();
    await expect.poll(used).toBeGreaterThan(before);
    second.resume();
    expect(await second).toMatchObject({ state: "ready" });
  });

  it("that is repeated under its id is the same file", async () => {
    const id = crypto.randomUUID();
    const content = randomBytes(500);
    const first = await files.upload(content, { name: "once.bin", id });
    expect(await files.upload(content, { name: "once.bin", id })).toEqual(first);
  });

  it("beyond the quota, or into nobody's folder, is refused before a byte is sent", async () => {
    const zeros = { size: 2 ** 50, stream: () => new Blob([]).stream() };
    await expect(files.upload(zeros, { name: "all.bin" })).rejects.toMatchObject({ code: /^LIMIT_/ });
    await expect(
      files.upload(randomBytes(5), { name: "lost.bin", folderId: crypto.randomUUID() }),
    ).rejects.toMatchObject({ code: "USAGE_REFERENCE" });
    await expect(files.upload(randomBytes(5), { name: "a/b" })).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
    await expect(files.upload(randomBytes(5))).rejects.toMatchObject({
      code: "USAGE_INVALID",
      field: "name",
    });
  });

  const used = async (): Promise<number> => {
    const limits = await ada.trackit.limits.list();
    return limits.find(({ kind }) => kind === "bytes")?.used ?? -1;
  };
});

describe("a file that is there", () => {
  it("has a name that only ada's devices know, found and changed on them", async () => {
    const file = await files.upload(randomBytes(10), { name: "Winter Journey.txt" });
    const cafe = await files.upload(randomBytes(10), { name: "Café.txt" });
    const found = async (words: string) => (await files.search(words).toArray()).map(({ id }) => id);
    expect(await found("journey winter")).toEqual([file.id]);
    expect(await found("CAFE\u0301")).toEqual([cafe.id]); // As some keyboards write it.
    const renamed = await files.update(file.id, { name: "Summer.txt" });
    expect(renamed).toMatchObject({ name: "Summer.txt", version: file.version + 1 });
    expect((await files.get(file.id)).name).toBe("Summer.txt");
    const [row] = await kit.sql`select to_jsonb(f)::text as text from public.files f where id = ${file.id}`;
    expect(row?.text).not.toMatch(/Summer|Winter|text\/plain/);
  });

  it("goes to the trash and back, and is erased from there", async () => {
    const file = await files.upload(randomBytes(10), { name: "old.txt" });
    await files.remove(file.id);
    expect((await files.list({ trash: true }).toArray()).map(({ id }) => id)).toContain(file.id);
    expect((await files.list().toArray()).map(({ id }) => id)).not.toContain(file.id);
    expect((await files.restore(file.id)).deletedAt).toBeNull();
    await files.remove(file.id);
    // More than the database takes at once, most of which it has never heard of.
    const others = Array.from({ length: 150 }, () => crypto.randomUUID());
    expect(await files.purge([...others, file.id])).toBe(1);
    await expect(files.get(file.id)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
  });

  it("has versions: each is read by its number, and an old one can be the newest again", async () => {
    const contents = [randomBytes(1_000), randomBytes(2_000)];
    const file = await files.upload(contents[0] as Buffer, { name: "notes.md" });
    const second = await files.uploadVersion(file.id, contents[1] as Buffer);
    expect(second).toMatchObject({ id: file.id, name: "notes.md", contentVersion: 2, size: 2_000 });
    expect((await files.versions(file.id)).map(({ number }) => number)).toEqual([2, 1]);
    expect((await bytesOf(await files.download(file.id, { version: 1 }))).equals(contents[0] as Buffer)).toBe(
      true,
    );
    const third = await files.restoreVersion(file.id, 1);
    expect(third).toMatchObject({ contentVersion: 3, name: "notes.md", size: 1_000 });
    expect((await bytesOf(await files.download(file.id))).equals(contents[0] as Buffer)).toBe(true);
  });

  it("stands in folders, whose names the server does not know either", async () => {
    const folder = await ada.trackit.folders.create({ name: "Travels" });
    expect(folder).toMatchObject({ name: "Travels", encrypted: true, depth: 1 });
    const below = await ada.trackit.folders.create({ name: "Peru", parentId: folder.id });
    const file = await files.upload(randomBytes(10), { name: "map.png", folderId: below.id });
    expect((await files.list({ folderId: below.id }).toArray()).map(({ id }) => id)).toEqual([file.id]);
    expect((await files.update(file.id, { folderId: null })).folderId).toBeNull();
    await expect(ada.trackit.folders.update(folder.id, { parentId: below.id })).rejects.toMatchObject({
      code: "USAGE_CYCLE",
    });
    expect((await ada.trackit.folders.update(below.id, { name: "Bolivia" })).name).toBe("Bolivia");
    const names = (await ada.trackit.folders.list()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["Travels", "Bolivia"]));
    const [row] =
      await kit.sql`select to_jsonb(f)::text as text from public.folders f where id = ${folder.id}`;
    expect(row?.text).not.toContain("Travels");
  });

  it("is nobody else's: ben finds, reads and changes nothing of it", async () => {
    const file = await files.upload(randomBytes(10), { name: "mine.txt" });
    const theirs = ben.trackit.files;
    await expect(theirs.get(file.id)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
    await expect(theirs.download(file)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
    await expect(theirs.remove(file.id)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
    expect((await bytesOf(await files.download(file.id))).length).toBe(10);
  });
});

describe("an older version", () => {
  it("is sent as the newest piece by piece, goes on after a restart, and can be given up", async () => {
    const content = randomBytes(PART + 5_000);
    const thumbnail = new Blob([Buffer.from("\x89PNG\x01", "latin1")]);
    const line = cutAfter(9);
    const rea = await talker(kit, "rea", { fetch: line.fetch });
    const { id } = await rea.trackit.files.upload(content, { name: "draft.txt", thumbnail });
    await rea.trackit.files.uploadVersion(id, randomBytes(5), { name: "final.txt" });
    line.allow(1);
    let done = 0;
    const onProgress = (progress: Progress): void => {
      done = progress.done;
    };
    const begun = rea.trackit.files.restoreVersion(id, 1, { onProgress });
    await expect.poll(() => done, { timeout: 30_000 }).toBe(PART);
    begun.pause();
    const again = await restarted(kit, rea, { fetch: line.fetch });
    void begun.catch(() => {});
    expect(await again.trackit.files.uploads()).toMatchObject([{ fileId: id, restores: 1, resumable: true }]);
    line.allow(9);
    line.sent.length = 0;
    const file = await again.trackit.files.restoreVersion(id, 1, { onProgress });
    expect(line.sent).toEqual([file.storedSize - PART]);
    expect(done).toBe(file.storedSize);
    expect(file).toMatchObject({ contentVersion: 3, name: "final.txt", size: content.length });
    expect(file.thumbnail?.size).toBe(thumbnail.size);
    expect(sha(await bytesOf(await again.trackit.files.download(id)))).toBe(sha(content));
    line.allow(0);
    const given = again.trackit.files.restoreVersion(id, 2);
    await given.cancel();
    await expect(given).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
    expect(await again.trackit.files.uploads()).toEqual([]);
    expect((await again.trackit.files.get(id)).contentVersion).toBe(3);
  });

  it("of a plain file is put in its place, and nothing is sent", async () => {
    const content = randomBytes(100);
    const { id } = await files.upload(content, { name: "plain.txt", encrypt: false });
    await files.uploadVersion(id, randomBytes(5), { encrypt: false });
    expect(await files.restoreVersion(id, 1)).toMatchObject({ contentVersion: 1, size: 100 });
    expect((await bytesOf(await files.download(id))).equals(content)).toBe(true);
    expect(await files.versions(id)).toHaveLength(2);
    await expect(files.restoreVersion(id, 9)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
  });
});

describe("once a device of the account is gone", () => {
  it("what gives access is sealed anew: the other device reads on, also what it had never listed", async () => {
    const ida = await talker(kit, "ida");
    const laptop = await approved(kit, ida);
    const { id: device } = await laptop.devices.me();
    const theirs = await laptop.files.upload(randomBytes(300), { name: "from the laptop.txt" });
    const hers = await ida.trackit.files.upload(randomBytes(300), { name: "from the phone.txt" });
    const sealedOf = async (id: string): Promise<string> => {
      const [row] = await kit.sql`select encode(sealed, 'hex') as sealed from public.files where id = ${id}`;
      return row?.sealed;
    };
    const before = [await sealedOf(theirs.id), await sealedOf(hers.id)];
    await ida.trackit.devices.revoke(device);
    const names = (await ida.trackit.files.list().toArray()).map(({ name }) => name);
    expect(names.sort()).toEqual(["from the laptop.txt", "from the phone.txt"]);
    const after = [await sealedOf(theirs.id), await sealedOf(hers.id)];
    expect(after.filter((one) => before.includes(one))).toEqual([]);
    // What was sealed before passes for nothing any more, where a server shows it again.
    await kit.sql`update public.files set sealed = decode(${before[0] ?? ""}, 'hex') where id = ${theirs.id}`;
    expect(await ida.trackit.files.get(theirs.id)).toMatchObject({ name: null, problem: { cause: /older/ } });
    await kit.sql`update public.files set sealed = decode(${after[0] ?? ""}, 'hex') where id = ${theirs.id}`;
    expect(await ida.trackit.files.get(theirs.id)).toMatchObject({
      name: "from the laptop.txt",
      problem: null,
    });
  });
});

describe("the room of one's own that keeps the keys of files", () => {
  it("is among ada's conversations once she has written a note in it", async () => {
    const kinds = async () => (await ada.trackit.rooms.list().toArray()).map(({ kind }) => kind);
    await files.upload(randomBytes(5), { name: "key.txt" });
    expect(await kinds()).not.toContain("self");
    await (await ada.trackit.rooms.self()).send("buy shoes");
    expect(await kinds()).toContain("self");
  });
});

describe("files in a message", () => {
  it("are opened by the members of the room, with their names, and by nobody else", async () => {
    const room = await ada.trackit.rooms.direct(ben.username);
    const content = randomBytes(30_000);
    const id = await files.send(room.id, [new File([content], "run.gpx"), new File(["x"], "b.txt")], {
      caption: "our way",
    });
    const theirs = await ben.trackit.rooms.get(room.id);
    const [message] = await theirs.history().toArray({ max: 1 });
    expect(message).toMatchObject({ id, content: { kind: "files", caption: "our way" } });
    const [file] = message?.content?.kind === "files" ? message.content.files : [];
    expect(file).toMatchObject({ name: "run.gpx", size: content.length });
    expect(JSON.stringify(file)).not.toContain("key");
    if (file) expect((await bytesOf(await ben.trackit.files.download(file))).equals(content)).toBe(true);
    const eve = await talker(kit, "eve");
    if (file)
      await expect(eve.trackit.files.download(file)).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
    expect((await files.list().toArray()).map(({ name }) => name)).not.toContain("run.gpx");
    const sent = await files.list({ attachments: true }).toArray();
    expect(sent.map(({ name, roomId }) => [name, roomId])).toEqual([
      ["b.txt", room.id],
      ["run.gpx", room.id],
    ]);
  });
});
