/** Whoever has the server's disk, its rows, its logs and every request reads nothing of an encrypted file or its link. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFragment } from "../../sdk/src/crypto/link/index.ts";
import { type Marker, Search, searchFiles, searchTables } from "../support/chat/markers.ts";
import { tokensOf } from "../support/links.ts";
import { talker } from "./chat-kit.ts";
import { type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
const secret: Marker[] = [];
const open: Marker[] = [];
let search: Search;
let tables: string[];
let files: string[];
/** All that left a device. */
const requests: string[] = [];

/** Sixteen letters and digits that stand nowhere else. */
function mark(name: string, among = secret): string {
  const value = `m${randomBytes(8).toString("hex").slice(1)}`;
  among.push({ name, value });
  return value;
}

const noted: typeof fetch = async (input, init) => {
  const body = init?.body instanceof Uint8Array ? Buffer.from(init.body).toString("latin1") : init?.body;
  const url = input instanceof Request ? input.url : String(input);
  const headers = JSON.stringify([...new Headers(init?.headers ?? {})]);
  requests.push(`${url} ${headers} ${body ?? ""}`);
  return fetch(input, init);
};

beforeAll(async () => {
  kit = await startSdkKit();
  await tell();
  const admin = await superuser();
  await admin.query("checkpoint");
  search = new Search([...secret, ...open]);
  tables = await searchTables(search, admin);
  await admin.end();
  files = await searchFiles(search, kit.stack.data);
  search.in("requests", Buffer.from(requests.join("\n"), "latin1"));
});
afterAll(() => kit?.stop());

/** What one does with files, with words that can be told again anywhere. */
async function tell(): Promise<void> {
  const ada = await talker(kit, "ada", { fetch: noted });
  const ben = await talker(kit, "ben", { fetch: noted });
  const stranger = kit.trackit({ fetch: noted });
  const all = ada.trackit.files;
  const folder = await ada.trackit.folders.create({ name: mark("a folder's name") });
  const text = (name: string, among = secret): string =>
    `${"x".repeat(7_000)} ${mark(name, among)} `.repeat(3);
  const file = await all.upload(new Blob([text("a content")], { type: `text/x-${mark("a type")}` }), {
    ...{ name: `${mark("a name")}.txt`, folderId: folder.id },
    thumbnail: new Blob([new Uint8Array([0xff, 0xd8, 0xff]), mark("a thumbnail")]),
  });
  await all.uploadVersion(file.id, new Blob([text("a version's content")]), {
    name: mark("a version's name"),
  });
  await all.update(file.id, { name: mark("another name") });
  await ada.trackit.folders.update(folder.id, { name: mark("a folder's other name") });
  await all.search(mark("a search")).toArray();
  const large = new Blob([
    text("a large content"),
    new Uint8Array(6 * 2 ** 20),
    text("a large content's end"),
  ]);
  await all.upload(large, { name: mark("a large file's name") });
  await all.upload(new Blob([text("a plain content", open)]), {
    name: mark("a plain name", open),
    encrypt: false,
  });
  const password = mark("a password");
  const { link } = await ada.trackit.shares.create(file.id, { page: "https://app.example/s", password });
  const given = link ?? "";
  const { access } = await tokensOf(given, { password });
  secret.push({ name: "a link", value: given.slice(given.indexOf("#") + 3) });
  secret.push({ name: "a link's secret", value: readFragment(given.slice(given.indexOf("#") + 1)).secret });
  await stranger.shares.look(given);
  await stranger.shares.open(given, { password: mark("a wrong password") }).catch(() => {});
  const opened = await stranger.shares.open(given, { password });
  expect((await (await opened.download()).text()).length).toBeGreaterThan(20_000);
  // Tokens are told to the function, and stand nowhere after it.
  open.push({ name: "an access token", value: access });
  await ada.trackit.shares.shareWith(file.id, ben.username);
  expect((await ben.trackit.files.shared().toArray())[0]?.problem).toBeNull();
  const room = await ada.trackit.rooms.direct(ben.username);
  const sent = new File([text("a content in a message")], mark("a name in a message"));
  await all.send(room.id, sent, { caption: mark("a caption") });
  await all.remove(file.id);
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

describe("blindness_everywhere: a server that keeps files", () => {
  it("has what is not encrypted in its rows, its write-ahead log, on its disk and in requests: the search finds it there", () => {
    const name = search.of("a plain name");
    expect(name).toEqual(expect.arrayContaining(["public.files", "requests"]));
    expect(name.some((where) => where.startsWith("postgres/"))).toBe(true);
    expect(search.of("a plain content").some((where) => where.startsWith("storage/objects/"))).toBe(true);
    expect(tables).toEqual(
      expect.arrayContaining(["private.share_secrets", "storage.objects", "pgmq.q_files"]),
    );
    expect(files).toEqual(expect.arrayContaining(["stack.log", "functions/functions.log"]));
    expect([secret.length > 15, requests.length > 50]).toEqual([true, true]);
  });

  it("has no name, type, content, thumbnail, folder, password or link of what is, in no form", () => {
    const words = new Set(secret.map(({ name }) => name));
    expect(search.found.filter(({ marker }) => words.has(marker))).toEqual([]);
  });

  it("is told a link's token where it is opened, and keeps it nowhere", () => {
    expect(search.of("an access token")).toEqual(["requests"]);
  });
});
