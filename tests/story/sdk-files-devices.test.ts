/** One account's files on two devices: what both change at once, and what is left when one of them is gone. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredFile, TrackIt } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { type Talker, talker } from "./chat-kit.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Talker;
let phone: TrackIt;
let laptop: TrackIt;
const line = openLine();

beforeAll(async () => {
  kit = await startSdkKit();
  ada = await talker(kit, "ada", { fetch: line.fetch });
  phone = ada.trackit;
  laptop = kit.trackit({ chat: { keystore: memoryKeystore("laptop") } });
  await laptop.auth.signIn({ email: ada.email, password: PASSWORD });
  const asked = await laptop.devices.requestApproval();
  await Promise.all([phone.devices.approve(asked.code), asked.approved]);
});
afterAll(() => kit?.stop());

/** The phone's line: what is set happens once, just before a call of the database's goes out, or in its place. */
function openLine() {
  const sent: Record<string, unknown>[] = [];
  let due: {
    call: string;
    happen: (...given: Parameters<typeof fetch>) => Promise<Response | undefined>;
  } | null = null;
  const before = (call: string, happen: () => Promise<unknown>): void => {
    due = { call, happen: async () => void (await happen()) };
  };
  const cut = (call: string): void => {
    due = { call, happen: () => Promise.reject(new TypeError("the line is cut")) };
  };
  /** Told that it may not, in a way that is not worth another try; whether or not it was done all the same. */
  const refuse = (call: string, isDone: boolean): void => {
    due = {
      call,
      happen: async (...given) => {
        if (isDone) expect((await fetch(...given)).status).toBe(200);
        return Response.json({ code: "42501", message: "permission denied" }, { status: 403 });
      },
    };
  };
  const send: typeof fetch = async (input, init) => {
    const call = /\/rpc\/(\w+)$/.exec(String(input))?.[1];
    if (call === "change_file" || call === "complete_upload") sent.push(JSON.parse(String(init?.body)));
    if (!due || due.call !== call) return fetch(input, init);
    const { happen } = due;
    due = null;
    return (await happen(input, init)) ?? fetch(input, init);
  };
  return { fetch: send, sent, before, cut, refuse };
}

const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer());
const picture = (): Blob => new Blob([Buffer.from("\x89PNG", "latin1"), randomBytes(20)]);
const named = (name: string): Promise<StoredFile> => phone.files.upload(randomBytes(100), { name });

/** Which of the row's seals the server shows: their numbers are so far apart. */
async function sealOf(id: string): Promise<number> {
  const [row] = await kit.sql`
    select ('x' || encode(substring(sealed from 76 for 8), 'hex'))::bit(64)::bigint as number
    from public.files where id = ${id}`;
  return Number(row?.number) / 65_536;
}

describe("what two devices change in one file at once", () => {
  it("holds: a name of the phone's, while the laptop sends other content, a picture, and puts it elsewhere", async () => {
    const file = await named("winter.txt");
    const [content, thumbnail] = [randomBytes(200), picture()];
    const folder = await laptop.folders.create({ name: "Travels" });
    line.before("change_file", async () => {
      await laptop.files.uploadVersion(file.id, content, { thumbnail });
      await laptop.files.update(file.id, { folderId: folder.id });
    });
    line.sent.length = 0;
    const renamed = await phone.files.update(file.id, { name: "summer.txt" });
    expect(renamed).toMatchObject({ name: "summer.txt", contentVersion: 2, size: 200, folderId: folder.id });
    expect(line.sent).toHaveLength(2);
    expect(await sealOf(file.id)).toBe(3);
    for (const device of [phone, laptop]) {
      const seen = await device.files.get(file.id);
      expect(seen).toMatchObject({ name: "summer.txt", size: 200, problem: null, version: renamed.version });
      expect(await bytesOf(seen.thumbnail as Blob)).toEqual(await bytesOf(thumbnail));
      expect((await bytesOf(await device.files.download(file.id))).equals(content)).toBe(true);
    }
  });

  it("holds: content of the phone's, while the laptop gives it a name, and a picture that goes with the old", async () => {
    const file = await named("draft.txt");
    const content = randomBytes(300);
    line.before("complete_upload", () =>
      laptop.files.update(file.id, { name: "final.txt", thumbnail: picture() }),
    );
    const second = await phone.files.uploadVersion(file.id, content);
    expect(second).toMatchObject({ name: "final.txt", contentVersion: 2, size: 300, thumbnail: null });
    expect(await sealOf(file.id)).toBe(3);
    expect(await laptop.files.get(file.id)).toMatchObject({ name: "final.txt", size: 300, problem: null });
    // A name that is given with the content is as new as that.
    line.before("complete_upload", () => laptop.files.update(file.id, { name: "other.txt" }));
    const third = await phone.files.uploadVersion(file.id, content, { name: "mine.txt" });
    expect(third).toMatchObject({ name: "mine.txt", contentVersion: 3 });
    expect(await laptop.files.get(file.id)).toMatchObject({ name: "mine.txt", problem: null });
  });

  it("is refused to whoever wants no other version changed (CONFLICT_VERSION), and the file opens on", async () => {
    const file = await named("one.txt");
    line.before("change_file", () => laptop.files.update(file.id, { name: "two.txt" }));
    await expect(
      phone.files.update(file.id, { name: "three.txt" }, { version: file.version }),
    ).rejects.toMatchObject({ code: "CONFLICT_VERSION" });
    expect(await phone.files.get(file.id)).toMatchObject({ name: "two.txt", problem: null });
  });

  it("has one seal of a number: another of the same, which the server kept back, is not believed", async () => {
    const file = await named("true.txt");
    line.sent.length = 0;
    line.before("change_file", () => laptop.files.update(file.id, { name: "first.txt" }));
    await phone.files.update(file.id, { name: "second.txt" }, { version: file.version }).catch(() => {});
    const [{ changes }] = line.sent as [{ changes: { sealed: string } }];
    await kit.sql`update public.files set sealed = ${Buffer.from(changes.sealed, "base64url")} where id = ${file.id}`;
    expect(await laptop.files.get(file.id)).toMatchObject({ name: null, problem: { cause: /older/ } });
  });
});

describe("a name that did not reach the server", () => {
  it("costs nothing: the file opens on under its old one, and can be given another", async () => {
    const file = await named("kept.txt");
    for (let times = 0; times < 2; times++) {
      line.cut("change_file");
      await expect(phone.files.update(file.id, { name: "lost.txt" })).rejects.toMatchObject({
        code: "NETWORK_OFFLINE",
      });
    }
    expect(await phone.files.get(file.id)).toMatchObject({ name: "kept.txt", problem: null });
    expect(await phone.files.update(file.id, { name: "found.txt" })).toMatchObject({ name: "found.txt" });
    expect(await laptop.files.get(file.id)).toMatchObject({ name: "found.txt", problem: null });
  });
});

describe("a version whose upload has failed", () => {
  /** What the account takes, and what of it waits for its bytes. */
  const taken = async (): Promise<[number, number]> => {
    const [row] = await kit.sql`
      select sum(v.size)::integer as bytes, count(*) filter (where v.state = 'reserved')::integer as open
      from public.file_versions v where v.owner_id = ${ada.id}`;
    return [row?.bytes, row?.open];
  };
  const failed = { code: "ACCESS_DENIED" };
  const steps = ["reserve_version", "complete_upload"].flatMap((call) =>
    [true, false].map((isDone) => ({ call, isDone })),
  );

  it.each(steps)("goes on in its own space when it is called again ($call, done: $isDone)", async (step) => {
    const file = await named("again.bin");
    const content = randomBytes(1_000);
    const [before] = await taken();
    const sendTwice = async (send: () => Promise<StoredFile>): Promise<StoredFile> => {
      line.refuse(step.call, step.isDone);
      await expect(send()).rejects.toMatchObject(failed);
      return send();
    };
    const second = await sendTwice(() => phone.files.uploadVersion(file.id, content));
    expect(second).toMatchObject({ contentVersion: 2, size: 1_000 });
    expect(await taken()).toEqual([before + second.storedSize, 0]);
    const third = await sendTwice(() => phone.files.restoreVersion(file.id, 1));
    expect(third).toMatchObject({ contentVersion: 3, size: 100 });
    expect(await taken()).toEqual([before + second.storedSize + third.storedSize, 0]);
    // The same bytes once more, when nothing has failed, are one more version.
    expect((await phone.files.uploadVersion(file.id, content)).contentVersion).toBe(4);
  });

  it("gives its space back where the source has changed meanwhile, and is another upload under another name", async () => {
    const file = await named("changing.bin");
    const contents = [randomBytes(500), randomBytes(500), randomBytes(700)];
    let at = 0;
    const source = {
      get size() {
        return contents[at]?.length ?? 0;
      },
      stream: () => new Blob([new Uint8Array(contents[at] ?? [])]).stream(),
    };
    const [before] = await taken();
    for (at = 0; at < 2; at++) {
      line.refuse("complete_upload", false);
      await expect(phone.files.uploadVersion(file.id, source)).rejects.toMatchObject(failed);
      expect((await taken())[1]).toBe(1);
    }
    const sent = await phone.files.uploadVersion(file.id, source);
    expect(await taken()).toEqual([before + sent.storedSize, 0]);
    expect((await bytesOf(await phone.files.download(sent))).equals(contents[2] as Buffer)).toBe(true);
    line.refuse("complete_upload", false);
    await expect(phone.files.uploadVersion(file.id, source)).rejects.toMatchObject(failed);
    const [open] = await phone.files.uploads();
    expect(await phone.files.uploadVersion(file.id, source, { name: "other.bin" })).toMatchObject({
      name: "other.bin",
    });
    // What was resumed has not failed any more: the same source is sent anew.
    const resumed = await phone.files.resume(open?.uploadId ?? "", source);
    expect((await phone.files.uploadVersion(file.id, source)).contentVersion).toBeGreaterThan(
      resumed.contentVersion ?? 0,
    );
    expect((await taken())[1]).toBe(0);
  });
});
