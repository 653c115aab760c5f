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
  let due: { call: string; happen: () => Promise<Response | undefined> } | null = null;
  const before = (call: string, happen: () => Promise<unknown>): void => {
    due = { call, happen: async () => void (await happen()) };
  };
  const cut = (call: string): void => {
    due = { call, happen: () => Promise.reject(new TypeError("the line is cut")) };
  };
  const send: typeof fetch = async (input, init) => {
    const call = /\/rpc\/(\w+)$/.exec(String(input))?.[1];
    if (call === "change_file" || call === "complete_upload") sent.push(JSON.parse(String(init?.body)));
    if (!due || due.call !== call) return fetch(input, init);
    const { happen } = due;
    due = null;
    return (await happen()) ?? fetch(input, init);
  };
  return { fetch: send, sent, before, cut };
}

const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer());
const picture = (): Blob => new Blob([Buffer.from("\x89PNG", "latin1"), randomBytes(20)]);
const named = (name: string): Promise<StoredFile> => phone.files.upload(randomBytes(100), { name });

/** The number of the seal that the server shows. */
async function sealOf(id: string): Promise<number> {
  const [row] = await kit.sql`
    select ('x' || encode(substring(sealed from 76 for 8), 'hex'))::bit(64)::bigint as number
    from public.files where id = ${id}`;
  return Number(row?.number);
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
