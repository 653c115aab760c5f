/** Links to files, from the one who makes them to whoever opens them without an account. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Share, ShareOptions, StoredFile, TrackIt } from "../../sdk/src/index.ts";
import { type Talker, talker } from "./chat-kit.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Talker;
let ben: Talker;
let stranger: TrackIt;
const content = randomBytes(60_000);
const page = "https://app.example/s";

beforeAll(async () => {
  kit = await startSdkKit();
  [ada, ben] = await Promise.all([talker(kit, "ada"), talker(kit, "ben")]);
  stranger = kit.trackit();
});
afterAll(() => kit?.stop());

const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer());
const upload = (encrypt = true): Promise<StoredFile> =>
  ada.trackit.files.upload(content, { name: "Übersicht.pdf", type: "application/pdf", encrypt });

async function linked(options: ShareOptions = {}): Promise<Share & { link: string; fileId: string }> {
  const share = await ada.trackit.shares.create(await upload(), { page, ...options });
  return { ...share, link: share.link ?? "" };
}

const dead = { code: "ACCESS_NOT_FOUND" };

describe("a link", () => {
  it.each([true, false])(
    "opens the file for somebody without an account (encrypted: %s)",
    async (encrypt) => {
      const share = await ada.trackit.shares.create(await upload(encrypt), { page });
      expect(share.link).toMatch(/^https:\/\/app\.example\/s#1\.[\w-]{66}$/);
      const opened = await stranger.shares.open(share.link ?? "");
      expect(opened).toMatchObject({
        name: "Übersicht.pdf",
        type: "application/pdf",
        size: content.length,
        encrypted: encrypt,
      });
      expect((await bytesOf(await opened.download())).equals(content)).toBe(true);
      const part = await bytesOf(await opened.download({ from: 20_000, to: 40_000 }));
      expect(part.equals(content.subarray(20_000, 40_000))).toBe(true);
      const [listed] = await ada.trackit.shares.list({ fileId: share.fileId }).toArray();
      expect(listed).toMatchObject({ id: share.id, link: share.link, downloads: 1, password: false });
    },
  );

  it("with a password opens with that alone, and says that it wants one", async () => {
    const { link, fileId } = await linked({ password: "pan\u0063ake é" });
    expect(await stranger.shares.look(link)).toEqual({ password: true });
    await expect(stranger.shares.open(link)).rejects.toMatchObject({ code: "ACCESS_PASSWORD" });
    await expect(stranger.shares.open(link, { password: "waffle" })).rejects.toMatchObject({
      code: "ACCESS_PASSWORD",
    });
    // Typed on another keyboard: the same letters, put together otherwise.
    const opened = await stranger.shares.open(link, { password: "pancake e\u0301" });
    expect((await bytesOf(await opened.download())).equals(content)).toBe(true);
    const kinds = (await ada.trackit.shares.events({ fileId }).toArray()).map(({ kind }) => kind);
    expect(kinds).toEqual(["opened", "password_refused", "created"]);
  });

  it("that may be opened three times is opened three times by fifty who try at once", async () => {
    const { link, id } = await linked({ maxDownloads: 3 });
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => stranger.shares.open(link)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    for (const one of tries) if (one.status === "rejected") expect(one.reason).toMatchObject(dead);
    const [share] = (await ada.trackit.shares.list().toArray()).filter((one) => one.id === id);
    expect(share?.downloads).toBe(3);
  });

  it("that opens once opens also where the answer is lost on its way, and is counted and noted once", async () => {
    const { link, id, fileId } = await linked({ maxDownloads: 1, password: "pancake" });
    const asked: unknown[] = [];
    const losing = kit.trackit({
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!String(input).endsWith("/functions/v1/share")) return answer;
        const body = JSON.parse(Buffer.from(init?.body as Uint8Array).toString());
        if (!body.door || asked.push(body) > 2) return answer;
        await answer.arrayBuffer();
        throw new TypeError("the answer was lost");
      },
    });
    const opened = await losing.shares.open(link, { password: "pancake" });
    expect((await bytesOf(await opened.download())).equals(content)).toBe(true);
    expect(asked).toEqual(
      Array(3).fill(expect.objectContaining({ nonce: expect.stringMatching(/^[\w-]{22}$/) })),
    );
    expect(new Set(asked.map((body) => JSON.stringify(body))).size).toBe(1);
    const [share] = await ada.trackit.shares.list({ fileId }).toArray();
    expect(share).toMatchObject({ id, downloads: 1 });
    const kinds = (await ada.trackit.shares.events({ shareId: id }).toArray()).map(({ kind }) => kind);
    expect(kinds).toEqual(["opened", "created"]);
    await expect(stranger.shares.open(link, { password: "pancake" })).rejects.toMatchObject(dead);
  });

  it("that is revoked is dead at once, also for whoever has opened it", async () => {
    const { link, id } = await linked();
    expect((await ada.trackit.shares.revoke(id)).revokedAt).not.toBeNull();
    await expect(stranger.shares.open(link)).rejects.toMatchObject(dead);
    await expect(stranger.shares.look(link)).rejects.toMatchObject(dead);
    // The address of a minute that it has goes on; where that is over, another one is not given.
    const late = kit.trackit({
      fetch: (input, init) => {
        const address = String(input instanceof Request ? input.url : input);
        return address.includes("/object/sign/") ? fetch(`${address}x`, init) : fetch(input, init);
      },
    });
    const { link: second, id: other } = await linked();
    const open = await late.shares.open(second);
    await ada.trackit.shares.revoke(other);
    await expect(open.download()).rejects.toMatchObject(dead);
  });

  it("that has expired, was used up, never was, or is mistyped is refused alike", async () => {
    const used = await linked({ maxDownloads: 1 });
    await stranger.shares.open(used.link);
    const expired = await linked({ expiresIn: "1h" });
    await kit.sql`update public.shares set expires_at = now() - interval '1 second' where id = ${expired.id}`;
    const trashed = await linked();
    await ada.trackit.files.remove(trashed.fileId);
    const living = await linked();
    const wrong = living.link.replace(/#1\.(.)/, (_, one) => `#1.${one === "A" ? "B" : "A"}`);
    const other = `${living.link.slice(0, -2)}${living.link.endsWith("AA") ? "BB" : "AA"}`;
    for (const link of [used.link, expired.link, trashed.link, wrong, other, `${page}#rubbish`, page])
      await expect(stranger.shares.open(link), link).rejects.toMatchObject(dead);
    expect((await stranger.shares.open(living.link)).size).toBe(content.length);
  });

  it("can be given a later end and more downloads; who is not its owner changes nothing", async () => {
    const { link, id } = await linked({ maxDownloads: 1, expiresIn: "1d" });
    await stranger.shares.open(link);
    await expect(stranger.shares.open(link)).rejects.toMatchObject(dead);
    await expect(ben.trackit.shares.update(id, { maxDownloads: 9 })).rejects.toMatchObject(dead);
    const changed = await ada.trackit.shares.update(id, { maxDownloads: 2, expiresAt: null });
    expect(changed).toMatchObject({ maxDownloads: 2, expiresAt: null });
    expect((await stranger.shares.open(link)).size).toBe(content.length);
  });

  it("is made, and ended, once where the answers are lost on their way", async () => {
    const lost = new Set(["reserve_file", "create_share", "revoke_share"]);
    const losing = kit.trackit({
      chat: { keystore: ada.keystore },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!lost.delete(String(input).replace(/^.*\/rpc\//, ""))) return answer;
        await answer.arrayBuffer();
        throw new TypeError("the answer was lost");
      },
    });
    await losing.auth.signIn({ email: ada.email, password: PASSWORD });
    const file = await losing.files.upload(content, { name: "once.pdf" });
    const { id } = await losing.shares.create(file, { page });
    expect((await losing.shares.revoke(id)).revokedAt).not.toBeNull();
    expect([...lost]).toEqual([]);
    const kinds = (await ada.trackit.shares.events({ fileId: file.id }).toArray()).map(({ kind }) => kind);
    expect(kinds).toEqual(["revoked", "created"]);
  });

  it.each([
    { expiresIn: "soon" },
    { expiresIn: -1 },
    { expiresAt: "2020-01-01T00:00:00Z" },
    { maxDownloads: 0 },
  ])("is not made with %j (USAGE_INVALID)", async (options) => {
    await expect(linked(options as ShareOptions)).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("leaves its secret in no table and no log: neither what stands behind the #, nor the password", async () => {
    const { link } = await linked({ password: "Zwetschgendatschi" });
    await stranger.shares.open(link, { password: "Zwetschgendatschi" });
    const secret = link.slice(-43);
    const rows = await kit.sql`
      select t::text as text from public.shares t union all select t::text from private.share_secrets t
      union all select t::text from public.share_events t union all select t::text from private.share_grants t`;
    const all = rows.map(({ text }) => text).join("\n");
    expect(rows.length).toBeGreaterThan(3);
    expect(all).not.toContain(secret);
    expect(all).not.toContain("Zwetschgendatschi");
  });
});

describe("a file that is shared with ben", () => {
  it("appears in what is shared with him, opens, and is gone when ada takes it back", async () => {
    const file = await upload();
    expect(await ada.trackit.shares.shareWith(file, ben.username)).toMatchObject({ userId: ben.id });
    const [shared] = await ben.trackit.files.shared().toArray();
    expect(shared).toMatchObject({ id: file.id, name: "Übersicht.pdf", owner: { username: ada.username } });
    expect((await bytesOf(await ben.trackit.files.download(file.id))).equals(content)).toBe(true);
    // Whose it is, a server cannot say otherwise.
    const told: string[] = [];
    const lied = kit.trackit({
      chat: { keystore: ben.keystore },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!String(input).endsWith("/rpc/shared_with_me")) return answer;
        told.push((await answer.text()).replaceAll(ada.username, "mallory"));
        return new Response(told.at(-1), { headers: { "content-type": "application/json" } });
      },
    });
    await lied.auth.signIn({ email: ben.email, password: PASSWORD });
    expect(await lied.files.shared().toArray()).toMatchObject([{ owner: { username: ada.username } }]);
    expect(told.join()).toContain("mallory");
    expect(await ada.trackit.shares.people(file.id)).toMatchObject([
      { userId: ben.id, username: ben.username },
    ]);
    expect(await ada.trackit.shares.unshare(file.id, ben.id)).toBe(true);
    expect(await ben.trackit.files.shared().toArray()).toEqual([]);
    await expect(ben.trackit.files.download(file.id)).rejects.toMatchObject(dead);
    expect(await ada.trackit.shares.people(file.id)).toEqual([]);
  });
});
