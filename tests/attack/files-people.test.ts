/** Files and links over HTTP, with the tokens of people who may not, or no more, or not so. */
import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import { TAGS } from "../../sdk/src/crypto/tags.ts";
import type { Received } from "../support/http.ts";
import { suite } from "../support/links.ts";
import { as, asAnon, createPeople, type Person, suspend } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
let people: Record<"ada" | "ben" | "eve", Person>;
beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "ben", "eve");
});
afterAll(() => stack?.close());

type Headers = Record<string, string>;
const by = (person: Person): Headers => as(stack, person);
const token = (): string => randomBytes(32).toString("base64url");
const statuses = (answers: Received[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const call = (headers: Headers, name: string, body: unknown): Promise<Received> =>
  stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers, body });

/** Storage; a body that is no text goes as JSON. */
const storage = (headers: Headers, method: string, at: string, body?: unknown): Promise<Received> =>
  stack.send({
    method,
    path: `/storage/v1/${at}`,
    headers: { ...headers, ...(typeof body === "string" ? { "content-type": "text/plain" } : {}) },
    body,
  });

interface File {
  id: string;
  path: string;
}

async function reserve(who: Person, size: number): Promise<File> {
  const id = randomUUID();
  const { json } = await call(by(who), "reserve_file", { id, size });
  return { id, path: (json as { upload: { path: string } }).upload.path };
}

async function upload(who: Person, text: string): Promise<File> {
  const file = await reserve(who, text.length);
  await storage(by(who), "POST", `object/files/${file.path}`, text);
  expect((await call(by(who), "complete_upload", { upload: file.id })).status).toBe(200);
  return file;
}

interface Link {
  link: string;
  door: string;
  access: string;
}

const hashed = async (text: string): Promise<string> =>
  toBase64url(await suite.hash(TAGS.linkToken, new Uint8Array(Buffer.from(text, "base64url"))));

async function linkTo(file: File, more: object = {}): Promise<Link> {
  const made = { link: randomUUID(), door: token(), access: token() };
  const { status } = await call(by(people.ada), "create_share", {
    ...{ id: made.link, file: file.id, content_version: 1, body: toBase64url(suite.random(40)) },
    ...{ door_hash: await hashed(made.door), access_hash: await hashed(made.access), ...more },
  });
  expect(status).toBe(200);
  return made;
}

const ask = (body: unknown, headers: Headers = {}, method = "POST"): Promise<Received> =>
  stack.send({
    method,
    path: "/functions/v1/share",
    headers: { ...asAnon(stack), "x-request-id": "the-same-one", ...headers },
    body,
  });
/** Nobody has called the function yet. */
const forgetCalls = () => stack.db.query("delete from private.rate_limits where bucket = 'function:share'");

describe("an address that somebody signs for themselves", () => {
  it("is given to no reader and no owner: it would outlive sharing, trash, session and account", async () => {
    const { ada, ben } = people;
    const file = await upload(ada, "for ben");
    await call(by(ada), "share_file", { file: file.id, user: ben.id });
    const other = await reserve(ada, 5);
    for (const who of [ada, ben]) {
      expect((await storage(by(who), "GET", `object/authenticated/files/${file.path}`)).text).toBe("for ben");
      const [one, picture, many] = [
        await storage(by(who), "POST", `object/sign/files/${file.path}`, { expiresIn: 2_000_000_000 }),
        await storage(by(who), "POST", `object/sign/files/${file.path}`, {
          expiresIn: 60,
          transform: { width: 5 },
        }),
        await storage(by(who), "POST", "object/sign/files", { expiresIn: 60, paths: [file.path] }),
      ];
      expect([one.status, picture.status]).toEqual([400, 400]);
      expect(many.json).toMatchObject([{ signedURL: null }]);
      expect((await storage(by(who), "POST", `object/upload/sign/files/${other.path}`, {})).status).toBe(400);
    }
    // By a link it is given, for a minute, and counted.
    const { url } = (await ask(await linkTo(file))).json as { url: string };
    expect((await stack.send({ path: url })).text).toBe("for ben");
    expect((await storage(by(ada), "POST", `object/files/${other.path}`, "right")).status).toBe(200);
  });
});

describe("a list of Storage", () => {
  it("has what is one's own alone: to ask for each object that there is would hold up everybody", async () => {
    const { ada, ben } = people;
    const file = await upload(ada, "listed");
    await call(by(ada), "share_file", { file: file.id, user: ben.id });
    const listed = (who: Person, verb: string) =>
      storage(by(who), "POST", `object/${verb}/files`, { prefix: `${ada.id}/${file.id}` });
    expect((await listed(ada, "list")).json).toMatchObject([{ name: "1" }]);
    expect((await listed(ada, "list-v2")).json).toMatchObject({ objects: [{ name: file.path }] });
    expect((await listed(ben, "list")).json).toEqual([]);
    expect((await listed(ben, "list-v2")).json).toMatchObject({ objects: [], folders: [] });
    expect((await call(by(ben), "shared_with_me", {})).text).toContain(file.id);
  });
});

describe("what a client says of an object", () => {
  const form = async (file: File, said: string | null): Promise<number> => {
    const body = new FormData();
    if (said !== null) body.append("metadata", said);
    body.append("", new Blob([]), "x");
    const url = `${stack.env.API_URL}/storage/v1/object/files/${file.path}`;
    return (await fetch(url, { method: "POST", headers: by(people.ada), body })).status;
  };

  it("is not kept with a file, where it would stand in no quota", async () => {
    const file = await reserve(people.ada, 0);
    const said = [JSON.stringify({ much: "x".repeat(900_000) }), '{"a":1}'];
    for (const one of said) expect(await form(file, one)).toBe(400);
    const header = { ...by(people.ada), "x-metadata": Buffer.from('{"a":1}').toString("base64") };
    expect((await storage(header, "POST", `object/files/${file.path}`, "")).status).toBe(400);
    expect(await form(file, null)).toBe(200);
  });
});

describe("ada's file", () => {
  it("is not there for eve or a stranger, by any verb of Storage, and nothing becomes of it", async () => {
    const { ada, eve } = people;
    const [file, reserved, hers] = [await upload(ada, "ada's"), await reserve(ada, 5), await reserve(eve, 5)];
    const state = async () =>
      (
        await stack.db.query(
          `select o.name, o.version, o.owner_id, b.public from storage.objects o join storage.buckets b on b.id = o.bucket_id
           where o.owner_id = $1 order by 1`,
          [ada.id],
        )
      ).rows;
    const before = await state();
    const name = (at: string) => Buffer.from(at).toString("base64");
    for (const headers of [by(eve), asAnon(stack)]) {
      const tus = (at: string): Headers => ({
        ...{ ...headers, "tus-resumable": "1.0.0", "upload-length": "5", "x-upsert": "true" },
        "upload-metadata": `bucketName ${name("files")},objectName ${name(at)}`,
      });
      const refused = [
        storage(headers, "GET", `object/authenticated/files/${file.path}`),
        storage(headers, "GET", `object/public/files/${file.path}`),
        storage(headers, "GET", `object/info/files/${file.path}`),
        storage(headers, "GET", `render/image/authenticated/files/${file.path}`),
        storage(headers, "PUT", `object/files/${file.path}`, "eve's"),
        storage({ ...headers, "x-upsert": "true" }, "POST", `object/files/${reserved.path}`, "eve's"),
        storage(headers, "POST", `object/upload/sign/files/${reserved.path}`, {}),
        storage(tus(file.path), "POST", "upload/resumable"),
        storage(tus(reserved.path), "POST", "upload/resumable"),
        ...["move", "copy"].flatMap((verb) =>
          [
            { sourceKey: file.path, destinationKey: hers.path },
            { sourceKey: hers.path, destinationKey: reserved.path },
          ].map((keys) => storage(headers, "POST", `object/${verb}`, { bucketId: "files", ...keys })),
        ),
        storage(headers, "POST", "bucket", { id: `${ada.id}`, name: "x", public: true }),
        storage(headers, "PUT", "bucket/files", { public: true }),
        storage(headers, "POST", "bucket/files/empty", {}),
        storage(headers, "DELETE", "bucket/files", {}),
      ];
      for (const { status } of await Promise.all(refused)) expect([400, 403]).toContain(status);
      const empty = [
        storage(headers, "POST", "object/list/files", { prefix: ada.id }),
        storage(headers, "DELETE", "object/files", { prefixes: [file.path] }),
        storage(headers, "GET", "bucket"),
      ];
      for (const { json } of await Promise.all(empty)) expect(json).toEqual([]);
    }
    expect(await state()).toEqual(before);
    expect((await storage(by(ada), "GET", `object/authenticated/files/${file.path}`)).text).toBe("ada's");
  });

  it("removed_member_reads_nothing_new: that was in a room is gone for who left it, and for who is suspended", async () => {
    const { ada, ben } = people;
    const file = await upload(ada, "for the room");
    const room = randomUUID();
    await stack.db.query(
      `insert into public.rooms (id, kind, protocol, minimum_suite, history, transcript)
       values ($1, 'group', 1, 1, 'none', sha256(''))`,
      [room],
    );
    await stack.db.query(
      `insert into public.room_members (room_id, user_id, root, role, since)
       select $1, u, sha256(''), 1, 1 from unnest($2::uuid[]) as u`,
      [room, [ada.id, ben.id]],
    );
    expect((await call(by(ada), "attach_file", { file: file.id, room })).status).toBe(200);
    const reads = async (): Promise<unknown[]> => [
      (await storage(by(ben), "GET", `object/authenticated/files/${file.path}`)).status,
      ((await call(by(ben), "read_files", { ids: [file.id] })).json as unknown[]).length,
    ];
    expect(await reads()).toEqual([200, 1]);
    await stack.db.query(
      "update public.room_members set left_at = now() where room_id = $1 and user_id = $2",
      [room, ben.id],
    );
    expect(await reads()).toEqual([400, 0]);
    await call(by(ada), "share_file", { file: file.id, user: ben.id });
    expect(await reads()).toEqual([200, 1]);
    await suspend(stack, ben);
    expect(await reads()).toEqual([400, 0]);
    await stack.db.query("update public.profiles set status = 'active' where id = $1", [ben.id]);
  });
});

describe("a link", () => {
  it("with a password is tried ten times, by however many at once and whatever they say of themselves", async () => {
    await forgetCalls();
    const file = await upload(people.ada, "secret");
    const [link, other] = [await linkTo(file, { password: true }), await linkTo(file)];
    // A stranger without the door keeps nobody waiting.
    expect((await ask({ ...link, door: token() })).status).toBe(404);
    const tries = Array.from({ length: 40 }, (_, n) =>
      ask(
        { ...link, access: token(), link: n % 2 ? link.link : link.link.toUpperCase() },
        { "x-forwarded-for": `10.0.0.${n}`, ...(n % 4 ? {} : by(people.eve)) },
      ),
    );
    expect(statuses(await Promise.all(tries))).toEqual({ 403: 10, 429: 30 });
    expect((await ask(link)).status).toBe(429);
    expect((await ask(other)).status).toBe(200);
    await stack.db.query(
      "update private.share_secrets set missed_at = missed_at - interval '7 minutes' where share_id = $1",
      [link.link],
    );
    expect((await ask(link)).status).toBe(200);
  });

  it("of three downloads gives three to fifty at once, and one to fifty tries of one opening", async () => {
    await forgetCalls();
    const file = await upload(people.ada, "three");
    const three = await linkTo(file, { max_downloads: 3 });
    expect(statuses(await Promise.all(Array.from({ length: 50 }, () => ask(three))))).toEqual({
      200: 3,
      404: 47,
    });
    const once = await linkTo(file, { max_downloads: 1 });
    const nonce = randomBytes(16).toString("base64url");
    const same = await Promise.all(Array.from({ length: 50 }, () => ask({ ...once, nonce })));
    expect(new Set(same.map(({ json }) => (json as { grant: string }).grant)).size).toBe(1);
    await forgetCalls();
    const guesses = [
      { ...once, nonce, access: token() },
      { ...once, nonce, door: token() },
      { ...three, nonce },
      once,
    ];
    for (const guess of guesses) expect((await ask(guess)).status).toBe(404);
    await call(by(people.ada), "revoke_share", { id: once.link });
    expect((await ask({ ...once, nonce })).status).toBe(404);
    for (const [{ link }, times] of [
      [three, 3],
      [once, 1],
    ] as const) {
      const events = (await call(by(people.ada), "share_events_page", { share: link })).json as {
        kind: string;
      }[];
      expect(events.filter(({ kind }) => kind === "opened")).toHaveLength(times);
    }
  });

  it("is tried 120 times a minute from one address, under whatever name it comes", async () => {
    await forgetCalls();
    const stranger = (n: number, more: Headers = {}) =>
      ask(
        { link: randomUUID(), door: token() },
        {
          ...{
            "x-forwarded-for": `10.0.0.${n}`,
            "cf-connecting-ip": `10.1.0.${n}`,
            "x-real-ip": `10.2.0.${n}`,
          },
          ...{ forwarded: `for=10.3.0.${n}`, "true-client-ip": `10.4.0.${n}`, ...more },
        },
      );
    expect((await stranger(1)).status).toBe(404);
    const full =
      "update private.rate_limits set hits = 120, window_start = now() where bucket = 'function:share'";
    expect((await stack.db.query(full)).rowCount).toBe(1);
    const late = [stranger(2), stranger(3, { connection: "x-forwarded-for" }), stranger(4, { apikey: "" })];
    expect(statuses(await Promise.all(late))).toEqual({ 429: 2, 401: 1 });
    await forgetCalls();
  });

  it("alive, ended or none is the same to eve in every call, and what happened to it is told to ada alone", async () => {
    const { ada, ben, eve } = people;
    const file = await upload(ada, "told");
    const [alive, ended] = [await linkTo(file), await linkTo(file)];
    await ask(alive, by(ben));
    await call(by(ada), "revoke_share", { id: ended.link });
    const never = { ...alive, link: randomUUID() };
    const calls: [string, (id: string) => unknown][] = [
      ["change_share", (id) => ({ id, changes: { max_downloads: 5 } })],
      ["revoke_share", (id) => ({ id })],
      ["share_events_page", (share) => ({ share })],
      ["share_redeem", (link) => ({ link, door: alive.door, access: alive.access })],
      ["share_renew", (link) => ({ link, grant: token() })],
    ];
    for (const headers of [by(eve), asAnon(stack)])
      for (const [name, body] of calls) {
        const said = [alive, ended, never].map(async ({ link }) => {
          const { status, text } = await call(headers, name, body(link));
          return `${status} ${text.replaceAll(link, "ID")}`;
        });
        expect(new Set(await Promise.all(said)).size, name).toBe(1);
      }
    for (const who of [ben, eve])
      expect((await stack.send({ path: "/rest/v1/share_events?select=*", headers: by(who) })).json).toEqual(
        [],
      );
    const events = (await call(by(ada), "share_events_page", { share: alive.link })).json as object[];
    const about = { share_id: alive.link, file_id: file.id, created_at: expect.stringMatching(/^20/) };
    expect(events).toMatchObject([
      { ...about, kind: "opened", actor_id: ben.id },
      { ...about, kind: "created", actor_id: ada.id },
    ]);
  });

  it("is asked by POST and in JSON of one level and of few bytes; a page of another origin reads no more than that", async () => {
    await forgetCalls();
    const link = await linkTo(await upload(people.ada, "asked"));
    const door = { link: link.link, door: link.door };
    for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
      expect((await ask(method === "GET" ? undefined : door, {}, method)).status).toBe(405);
    const text = JSON.stringify(door);
    const wrong: [string, Headers, number][] = [
      [text, { "content-type": "text/plain" }, 415],
      [text, { "content-type": "application/x-www-form-urlencoded" }, 415],
      [text, { "content-type": "application/json; charset=utf-16" }, 415],
      [text, { "content-encoding": "gzip" }, 415],
      [`[${text}]`, {}, 400],
      [`${"[".repeat(900)}${"]".repeat(900)}`, {}, 400],
      [`{"__proto__":{"a":1},${text.slice(1)}`, {}, 400],
      [JSON.stringify({ ...link, reader: people.ada.id }), {}, 400],
      [JSON.stringify({ ...link, nonce: token() }), {}, 400],
      [JSON.stringify({ ...link, access: null }), {}, 400],
      ["x".repeat(1_000_000), {}, 413],
    ];
    for (const [body, headers, status] of wrong)
      expect([
        body.slice(0, 40),
        (await ask(body, { "content-type": "application/json", ...headers })).status,
      ]).toEqual([body.slice(0, 40), status]);
    const foreign = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const { status, headers } = await ask(undefined, foreign, "OPTIONS");
    expect([status, headers["access-control-allow-credentials"]]).toEqual([204, undefined]);
    expect((await ask(door)).json).toEqual({ outcome: "door", password: false });
  });
});

it("no log holds a link, a token, a grant, an address or a file's id", async () => {
  await forgetCalls();
  const file = await upload(people.ada, "logged");
  const link = await linkTo(file, { password: true });
  await ask({ ...link, access: token() });
  await ask({ ...link, door: token() });
  const { url, grant } = (await ask(link)).json as { url: string; grant: string };
  await stack.send({ path: url });
  await stack.send({ path: url, headers: { range: "bytes=9-" } });
  await ask({ link: link.link, grant });
  const logs = ["stack.log", "postgres/postgres.log", "functions/functions.log"];
  const read = logs.map((log) => readFile(path.join(stack.data, log), "utf8"));
  const written = (await Promise.all(read)).join("\n");
  expect(written).toContain('"path":"/functions/v1/share"');
  const secrets = [...Object.values(link), grant, url.split("token=")[1] ?? "?", file.id];
  expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
});
