/** Whoever has the server's disk, its memory of rows and its mail after a whole story reads no word of it. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keeping } from "../../sdk/src/chat/upkeep.ts";
import { readApprovalCode } from "../../sdk/src/crypto/approval/code.ts";
import { decodeInviteLink } from "../../sdk/src/crypto/invite/index.ts";
import { readFragment } from "../../sdk/src/crypto/link/index.ts";
import { readRecoveryCode } from "../../sdk/src/crypto/recovery/code.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { knownKeystore } from "../support/chat/known-keys.ts";
import { type Marker, Search, searchFiles, searchTables } from "../support/chat/markers.ts";
import { readTexts, sessionOf, talkerBy } from "../support/chat/people.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
const secret: Marker[] = [];
/** What may be found, and where: the search can find. */
const open: Marker[] = [];
let search: Search;
let tables: string[];
let files: string[];

/** Sixteen letters and digits that stand nowhere else. */
function mark(name: string, among = secret): string {
  const value = `m${randomBytes(8).toString("hex").slice(1)}`;
  among.push({ name, value });
  return value;
}

beforeAll(async () => {
  Object.assign(keeping, { delay: 20, between: 200 });
  kit = await startSdkKit();
  await tell();
  const admin = await superuser();
  await admin.query("checkpoint");
  search = new Search([...secret, ...open]);
  tables = await searchTables(search, admin);
  await admin.end();
  files = await searchFiles(search, kit.stack.data);
  search.in("mail", Buffer.from(await mails()));
});
afterAll(async () => {
  Object.assign(keeping, { delay: 5_000, between: 90_000 });
  await kit?.stop();
});

/** Everything that chat can do, with words that can be told again anywhere. */
async function tell(): Promise<void> {
  const url = kit.stack.env.API_URL;
  const [adas, bens] = [knownKeystore("ada"), knownKeystore("ben")];
  const ada = await talkerBy(kit, url, "ada", adas.keystore);
  const [ben, cem] = await Promise.all([talkerBy(kit, url, "ben", bens.keystore), talkerBy(kit, url, "cem")]);
  await ada.trackit.goals.create({ title: mark("a goal's title", open) });
  const room = await ada.trackit.rooms.create({
    name: mark("a room's name"),
    members: [ben.id],
    historyPolicy: "shared",
  });
  const first = await room.send(mark("a message"));
  await room.send({ type: "poll", data: { [mark("a name in data")]: mark("a value in data") } });
  await room.edit(first, mark("an edit"));
  const his = await ben.trackit.rooms.get(room.id);
  await his.react(first, mark("a reaction"));
  const answer = await his.send(mark("an answer"), { replyTo: first });
  await his.search(mark("a search"));
  await his.delete(answer);
  await room.rename(mark("another name"));
  await (await ada.trackit.rooms.self()).send(mark("a note to oneself"));
  const direct = await ben.trackit.rooms.direct(ada.id);
  await direct.send(mark("a direct message"));
  await (await ada.trackit.rooms.direct(ben.id)).markRead();
  await expect(room.send("x".repeat(40_000))).rejects.toThrow();
  await letIn();
  await invite();
  await giveFiles();
  await recover();
  await ada.trackit.rooms.report(cem.id, { reason: mark("a report's reason", open) });
  await ada.trackit.rooms.block(cem.id);
  secret.push(...(await adas.secrets()), ...(await bens.secrets()));

  async function letIn(): Promise<void> {
    const laptop = await sessionOf(kit, url, ada);
    const { code, approved } = await laptop.devices.requestApproval();
    const [, device] = await Promise.all([ada.trackit.devices.approve(code), approved]);
    secret.push({ name: "an approval code", value: code });
    secret.push({ name: "an approval code's letters", value: code.replaceAll("-", "") });
    secret.push({ name: "an approval code's bits", value: readApprovalCode(code).slice(0, 12) });
    await laptop.devices.rename(device.id, mark("a device's name"));
    await (await laptop.rooms.get(room.id)).send(mark("a message of the laptop"));
    await ada.trackit.devices.revoke(device.id);
  }

  async function invite(): Promise<void> {
    const link = await room.invite({ uses: 2 });
    secret.push({ name: "an invite's secret", value: decodeInviteLink(link).secret });
    secret.push({ name: "an invite's link", value: link });
    const hers = await cem.trackit.rooms.join(link, { signal: AbortSignal.timeout(60_000) });
    await hers.send(mark("a message of whoever was invited"));
    await room.remove(cem.id);
    await room.send(mark("a message without them"));
  }

  async function giveFiles(): Promise<void> {
    const said = new File([mark("a sent file's content")], `${mark("a sent file's name")}.txt`);
    await ada.trackit.files.send(room.id, said, { caption: mark("a caption") });
    const kept = await ada.trackit.files.upload(new Blob([mark("a file's content")]), {
      name: `${mark("a file's name")}.txt`,
    });
    const password = mark("a link's password");
    const { link } = await ada.trackit.shares.create(kept, { page: "https://app.example/s", password });
    const fragment = link?.slice(link.indexOf("#") + 1) ?? "";
    secret.push({ name: "a link's fragment", value: fragment });
    secret.push({ name: "a link's secret", value: readFragment(fragment).secret });
  }

  async function recover(): Promise<void> {
    const { code, ask } = await ada.trackit.recovery.create();
    await ada.trackit.recovery.confirm(code.split("-")[ask - 1] ?? "");
    await ada.trackit.recovery.backUp();
    secret.push({ name: "a recovery code", value: code });
    secret.push({ name: "a recovery code's letters", value: code.replaceAll("-", "") });
    secret.push({ name: "a recovery code's scalar", value: await readRecoveryCode(createSuite(), code) });
    const fresh = kit.trackit({ chat: { keystore: memoryKeystore("fresh") } });
    await fresh.auth.signIn({ email: ada.email, password: PASSWORD });
    await fresh.recovery.use(code);
    expect((await readTexts(fresh, room.id)).length).toBeGreaterThan(4);
  }
}

async function superuser(): Promise<pg.Client> {
  const keys = JSON.parse(await readFile(path.join(kit.stack.data, "keys.json"), "utf8"));
  const url = new URL(kit.stack.env.DB_URL);
  url.username = "supabase_admin";
  url.password = keys.databasePasswords.supabase_admin;
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  return admin;
}

async function mails(): Promise<string> {
  const { MAILPIT_URL } = kit.stack.env;
  const listed = await fetch(`${MAILPIT_URL}/api/v1/messages?limit=500`);
  const { messages } = (await listed.json()) as { messages: { ID: string }[] };
  const whole = messages.map(async ({ ID }) => (await fetch(`${MAILPIT_URL}/api/v1/message/${ID}`)).text());
  return (await Promise.all(whole)).join("\n");
}

describe("blindness_everywhere", () => {
  it("the search reads every table, the heap, the write-ahead log and the logs, and finds what is there in them", () => {
    const title = search.of("a goal's title");
    expect(title).toEqual(expect.arrayContaining(["public.goals"]));
    for (const part of ["pg_wal/", "base/"])
      expect([part, title.some((where) => where.includes(part))]).toEqual([part, true]);
    expect(search.of("a report's reason")).toEqual(expect.arrayContaining(["public.reports"]));
    expect(tables).toEqual(
      expect.arrayContaining(["auth.users", "public.room_log", "private.user_feed", "public.vault_items"]),
    );
    expect(
      tables.filter((name) => /^(pgmq\.|realtime\.messages_|private\.messages_)/.test(name)).length,
    ).toBeGreaterThan(16);
    expect(files).toEqual(expect.arrayContaining(["stack.log", "postgres/postgres.log"]));
    expect([search.read > 30_000_000, secret.length > 30]).toEqual([true, true]);
  });

  it("the search finds text and bytes in every form, wherever they begin", () => {
    const value = randomBytes(16);
    const forms = [
      value,
      Buffer.from(value.toString("hex")),
      Buffer.from(value.toString("hex").toUpperCase()),
    ];
    const text = mark("a word", []);
    const wide = Buffer.from(text, "utf16le");
    forms.push(Buffer.from(text), wide, Buffer.from(wide).swap16(), Buffer.from(wide.toString("hex")));
    for (const one of [value, Buffer.from(text), wide])
      for (const at of [0, 1, 2, 3, 7])
        for (const encoding of ["base64", "base64url"] as const)
          forms.push(Buffer.from(Buffer.concat([randomBytes(at), one, randomBytes(at)]).toString(encoding)));
    for (const [at, form] of forms.entries()) {
      const one = new Search([
        { name: "bytes", value },
        { name: "text", value: text },
      ]);
      one.in("somewhere", Buffer.concat([randomBytes(at), form, randomBytes(3)]));
      expect([at, one.found.length]).toEqual([at, 1]);
    }
  });

  it("no word, name, key or code stands in any of them, in no form", () => {
    const words = new Set(secret.map(({ name }) => name));
    expect(search.found.filter(({ marker }) => words.has(marker))).toEqual([]);
  });

  it("the reason of a report stands where administrators read it, and in no row beside it", () => {
    const inTables = search.of("a report's reason").filter((where) => tables.includes(where));
    expect(inTables).toEqual(["public.reports"]);
  });
});
