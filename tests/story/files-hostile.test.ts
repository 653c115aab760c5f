/** Files and links against a server that lies, and whoever tries links without having them. */
import { randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromBase64url, toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import { readFragment, unlock } from "../../sdk/src/crypto/link/index.ts";
import { TAGS } from "../../sdk/src/crypto/tags.ts";
import type { Share, ShareOptions, TrackIt } from "../../sdk/src/index.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import { restartedBy, talkerBy } from "../support/chat/people.ts";
import { createHttp, type Http, type Received } from "../support/http.ts";
import { suite, tokensOf } from "../support/links.ts";
import type { Talker } from "./chat-kit.ts";
import { type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let proxy: LyingProxy;
let ada: Talker;
let ben: Talker;
let stranger: TrackIt;
let http: Http;
const page = "https://app.example/s";
const content = randomBytes(40_000);

beforeAll(async () => {
  kit = await startSdkKit();
  proxy = await lyingProxy(kit.stack.env.API_URL);
  http = createHttp(kit.stack.env.API_URL);
  [ada, ben] = await Promise.all([
    talkerBy(kit, proxy.url, "ada"),
    talkerBy(kit, kit.stack.env.API_URL, "ben"),
  ]);
  stranger = kit.trackit();
});
afterAll(async () => {
  http?.close();
  await kit?.stop();
  await proxy?.close();
});

const bytesOf = async (blob: Blob): Promise<Buffer> => Buffer.from(await blob.arrayBuffer());
const unopened = { code: "CRYPTO_OPEN_FAILED" };
const dead = { code: "ACCESS_NOT_FOUND" };
type Row = Record<string, unknown> & { id: string };

describe("file_version_rollback", () => {
  it("an older row or an older seal of a file that ada has seen newer is not taken, also after a restart", async () => {
    const file = await ada.trackit.files.upload(randomBytes(900), { name: "plan 1.txt" });
    const rowOf = async (): Promise<Row> => {
      const { data } = await ada.trackit.supabase.rpc("read_files", { ids: [file.id] });
      return (data as Row[])[0] as Row;
    };
    const old = await rowOf();
    await ada.trackit.files.uploadVersion(file.id, content, { name: "plan 2.txt" });
    const now = await rowOf();
    const lies: Record<string, (row: Row) => Row> = {
      "the whole row": () => old,
      "its seal alone": (row) => ({ ...row, sealed: old.sealed }),
      "its seal, as the new version": () => ({ ...old, content_version: now.content_version }),
    };
    for (const who of [ada, await restartedBy(kit, proxy.url, ada)]) {
      ada = who;
      for (const [name, lie] of Object.entries(lies)) {
        const told = proxy.answers<Row[]>("read_files", ada.id, (rows) => rows.map(lie));
        await expect(ada.trackit.files.download(file.id), name).rejects.toMatchObject(unopened);
        const shown = await ada.trackit.files.get(file.id);
        expect(shown, name).toMatchObject({ name: null, size: null, problem: { cause: /older/ } });
        expect(told.times, name).toBe(2);
        told.stop();
      }
      expect((await bytesOf(await ada.trackit.files.download(file.id))).equals(content)).toBe(true);
    }
  });

  it("a name that ada has changed does not come back", async () => {
    const file = await ada.trackit.files.upload(randomBytes(9), { name: "secret plan.txt" });
    const before =
      await kit.sql`select encode(sealed, 'hex') as sealed from public.files where id = ${file.id}`;
    await ada.trackit.files.update(file.id, { name: "harmless.txt" });
    await kit.sql`update public.files set sealed = decode(${String(before[0]?.sealed)}, 'hex') where id = ${file.id}`;
    expect(await ada.trackit.files.get(file.id)).toMatchObject({ name: null, problem: { cause: /older/ } });
  });
});

describe("range_on_truncated", () => {
  it("a part of a file that the server has cut is refused, even where that part is whole", async () => {
    const file = await ada.trackit.files.upload(content, { name: "long.bin" });
    const { storedSize } = file;
    let cut = 0;
    const told = kit.trackit({
      chat: { keystore: ada.keystore },
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!String(input).includes(`${file.id}/1`)) return answer;
        const headers = new Headers(answer.headers);
        const range = headers.get("content-range") ?? "";
        if (cut > 0) headers.set("content-range", range.replace(/\d+$/, String(storedSize - cut)));
        return new Response(answer.body, { status: answer.status, headers });
      },
    });
    await told.auth.signIn({ email: ada.email, password: "correct horse 1" });
    for (cut of [1, storedSize - 20_000])
      await expect(told.files.download(file.id, { from: 0, to: 10 })).rejects.toMatchObject(unopened);
    cut = 0;
    const part = await bytesOf(await told.files.download(file.id, { from: 5, to: 10 }));
    expect(part.equals(content.subarray(5, 10))).toBe(true);
    // What the database says of its length opens nothing and cuts nothing: the sealed length counts.
    proxy.answers<Row[]>("read_files", ada.id, (rows) => rows.map((row) => ({ ...row, size: 100 })));
    const whole = await bytesOf(await ada.trackit.files.download(file.id));
    proxy.honest();
    expect(whole.equals(content)).toBe(true);
  });
});

async function linked(options: ShareOptions = {}): Promise<Share & { link: string }> {
  const file = await ada.trackit.files.upload(content, { name: "holiday.jpg", type: "image/jpeg" });
  const share = await ada.trackit.shares.create(file, { page, ...options });
  return { ...share, link: share.link ?? "" };
}

/** A request as it is, always under the same id. */
const ask = (body: unknown, headers: Record<string, string> = {}): Promise<Received> =>
  http.send({
    method: "POST",
    path: "/functions/v1/share",
    headers: { apikey: kit.stack.env.PUBLISHABLE_KEY, "x-request-id": "the-same-one", ...headers },
    body,
  });

describe("link_offline_guess", () => {
  it("nothing that the server has of a link tells the right password from another", async () => {
    const { link, id } = await linked({ password: "tulip" });
    const fragment = readFragment(link.slice(link.indexOf("#") + 1));
    const [row] = await kit.sql`
      select to_jsonb(s) as share, k.door_hash, k.access_hash, k.body from public.shares s
      join private.share_secrets k on k.share_id = s.id where s.id = ${id}`;
    const { door, access } = await tokensOf(link, { password: "tulip" });
    await ask({ link: id, door, access });
    const has = [row?.door_hash, row?.access_hash, row?.body.subarray(0, 32), fromBase64url(door)];
    const secrets = [...has, fromBase64url(access), new Uint8Array(32)].map((one) => new Uint8Array(one));
    const hashed = async (token: Uint8Array) => Buffer.from(await suite.hash(TAGS.linkToken, token));
    const known = [row?.door_hash, row?.access_hash].map((one: Buffer) => one.toString("hex"));
    const tried = async (secret: Uint8Array<ArrayBuffer>, password: string) => {
      const made = await unlock(suite, { ...fragment, secret }, { password, slowHash: fast });
      return Promise.all([made.door, made.access].map(async (one) => (await hashed(one)).toString("hex")));
    };
    // Argon2id with the link's own id is what a guess costs; here any function of the password will do.
    const fast = (password: Uint8Array, salt: Uint8Array) => suite.sha256(password, salt);
    for (const secret of secrets)
      for (const password of ["tulip", "rose"])
        for (const hash of await tried(secret, password)) expect(known).not.toContain(hash);
    // Whoever has the secret is told apart by it: the comparison can succeed.
    expect(known).toContain((await tried(fragment.secret, "any"))[0]);
    expect(known).toContain((await hashed(fromBase64url(access))).toString("hex"));
  });
});

describe("kdf_params_from_server_ignored", () => {
  it("whatever the server says of hashing, the same token is made", async () => {
    const { link } = await linked({ password: "tulip" });
    const sent: string[] = [];
    let lie: object = {};
    const teller = kit.trackit({
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!String(input).endsWith("/functions/v1/share")) return answer;
        sent.push(JSON.parse(Buffer.from(init?.body as Uint8Array).toString()).access ?? "");
        return Response.json({ ...((await answer.json()) as object), ...lie }, { status: answer.status });
      },
    });
    const cheap = { name: "argon2id", iterations: 1, t: 1, memorySize: 8, m: 8, p: 1, salt: "AAAA" };
    for (lie of [{}, { kdf: cheap, ...cheap }]) {
      expect(await teller.shares.look(link)).toEqual({ password: true });
      expect((await teller.shares.open(link, { password: "tulip" })).size).toBe(content.length);
    }
    expect(sent.filter(Boolean)).toHaveLength(2);
    expect(new Set(sent).size).toBe(2);
  });
});

describe("a link's password", () => {
  it("may be wrong ten times; then all wait, the right one too, until one is forgotten", async () => {
    const { link, id, fileId } = await linked({ password: "tulip" });
    const right = await tokensOf(link, { password: "tulip" });
    for (let turn = 0; turn < 10; turn++)
      expect((await ask({ ...right, access: toBase64url(suite.random(32)) })).status).toBe(403);
    const late = await stranger.shares.open(link, { password: "tulip" }).catch((error: unknown) => error);
    expect(late).toMatchObject({ code: "LIMIT_RATE", retryAfter: expect.any(Number) });
    expect((late as { retryAfter: number }).retryAfter).toBeLessThanOrEqual(360);
    // Who has not the secret is told nothing of it, and cannot keep anybody waiting.
    expect((await ask({ ...right, door: toBase64url(suite.random(32)) })).status).toBe(404);
    await kit.sql`update private.share_secrets set missed_at = missed_at - interval '7 minutes' where share_id = ${id}`;
    expect((await ask(right)).status).toBe(200);
    expect((await ask({ ...right, access: toBase64url(suite.random(32)) })).status).toBe(403);
    expect((await ask(right)).status).toBe(429);
    const events = await ada.trackit.shares.events({ fileId }).toArray();
    expect(events.filter(({ kind }) => kind === "password_refused")).toHaveLength(11);
  });
});

describe("what is refused", () => {
  it("is refused with the same bytes and headers, whatever has ended the link, with or without a password", async () => {
    const links = await Promise.all(
      ["used up", "expired", "revoked", "trashed", "suspended", "alive"].map(async (name) => {
        const share = await linked(name === "used up" ? { maxDownloads: 1 } : {});
        return { name, share, tokens: await tokensOf(share.link) };
      }),
    );
    const [used, expired, revoked, trashed, suspended, alive] = links as Required<typeof links>;
    const opened = await ask(used?.tokens);
    expect(opened.status).toBe(200);
    await kit.sql`update public.shares set expires_at = now() - interval '1 s' where id = ${expired?.share.id ?? ""}`;
    const { grant } = (await ask(revoked?.tokens)).json as { grant: string };
    await ada.trackit.shares.revoke(revoked?.share.id ?? "");
    await ada.trackit.files.remove(trashed?.share.fileId ?? "");
    const wrong = toBase64url(suite.random(32));
    const never = { link: crypto.randomUUID(), door: wrong, access: wrong };
    const asked: [string, object][] = [
      ...[used, expired, revoked, trashed].flatMap((one): [string, object][] => [
        [`${one?.name}, opened`, one?.tokens ?? {}],
        [`${one?.name}, looked at`, { link: one?.tokens.link, door: one?.tokens.door }],
        [`${one?.name}, with a nonce`, { ...one?.tokens, nonce: toBase64url(suite.random(16)) }],
      ]),
      ["never was", never],
      ["never was, looked at", { link: never.link, door: wrong }],
      ["wrong door", { ...alive?.tokens, door: wrong }],
      ["wrong door, looked at", { link: alive?.tokens.link, door: wrong }],
      ["revoked, its grant", { link: revoked?.tokens.link, grant }],
      ["another's grant", { link: alive?.tokens.link, grant }],
      ["no grant", { link: alive?.tokens.link, grant: wrong }],
    ];
    const answers = new Map<string, string[]>();
    const hear = async (name: string, body: object) => {
      const { status, headers, text } = await ask(body);
      const { date: _, ...rest } = headers;
      const said = JSON.stringify([status, rest, text]);
      answers.set(said, [...(answers.get(said) ?? []), name]);
    };
    for (const [name, body] of asked) await hear(name, body);
    await kit.sql`update public.profiles set status = 'suspended' where id = ${ada.id}`;
    await hear("owner suspended", suspended?.tokens ?? {});
    await kit.sql`update public.profiles set status = 'active' where id = ${ada.id}`;
    expect([...answers.values()]).toHaveLength(1);
    expect([...answers.keys()][0]).toContain("404");
    expect((await ask(alive?.tokens)).status).toBe(200);
  });
});

describe("what was given before a link ended", () => {
  it("is an address of a minute at most, for these bytes alone, and is given no more", async () => {
    const { link, id } = await linked();
    const tokens = await tokensOf(link);
    const first = (await ask(tokens)).json as { url: string; grant: string };
    const token = new URL(first.url, kit.stack.env.API_URL).searchParams.get("token") ?? "";
    const { exp = 0, iat = 0 } = decodeJwt(token);
    expect(exp - iat).toBeLessThanOrEqual(60);
    expect(exp).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000) + 60);
    const read = async (path: string) => (await fetch(kit.stack.env.API_URL + path)).status;
    expect(await read(first.url)).toBe(200);
    const other = await ada.trackit.files.upload(randomBytes(5), { name: "other.txt" });
    expect(await read(first.url.replace(/[0-9a-f-]{36}\/1\?/, `${other.id}/1?`))).toBe(400);
    expect((await ask({ link: id, grant: first.grant })).status).toBe(200);
    await ada.trackit.shares.revoke(id);
    expect((await ask({ link: id, grant: first.grant })).status).toBe(404);
  });

  it("is recorded, each time, with whoever was signed in", async () => {
    const { link, fileId } = await linked({ maxDownloads: 2 });
    await stranger.shares.open(link);
    const { grant, link: id } = {
      ...((await ask(await tokensOf(link))).json as { grant: string }),
      link: (await tokensOf(link)).link,
    };
    await ask({ link: id, grant });
    await expect(ben.trackit.shares.open(link)).rejects.toMatchObject(dead);
    const events = await ada.trackit.shares.events({ fileId }).toArray();
    expect(events.map(({ kind, userId }) => [kind, userId])).toEqual([
      ["refused", ben.id],
      ["renewed", null],
      ["opened", null],
      ["opened", null],
      ["created", ada.id],
    ]);
  });
});
