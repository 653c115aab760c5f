/** Files through the API as it is: reserved, stored, completed, read, shared, erased; and whatever tries to get around it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { as, asService, createPeople, type Person } from "../support/people.ts";
import type { TestStack } from "../support/stack.ts";
import { openQuietStack, work } from "./worker-kit.ts";

let stack: TestStack;
let people: Record<"ada" | "ben" | "eve", Person>;

beforeAll(async () => {
  stack = await openQuietStack();
  people = await createPeople(stack, "ada", "ben", "eve");
});
afterAll(() => stack?.close());

interface Upload {
  path: string;
  number: number;
}

/** What an RPC of somebody's answers: its JSON, or the code with which it is refused. */
async function call<Answer>(headers: Record<string, string>, name: string, body: unknown): Promise<Answer> {
  const answer = await stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers, body });
  return (
    answer.status < 300 ? answer.json : (answer.json as { message: string }).message.split(":")[0]
  ) as Answer;
}
const by = (person: Person) => as(stack, person);

/** Storage, by a request of somebody's; bytes are text here. */
async function storage(
  headers: Record<string, string>,
  method: string,
  path: string,
  body?: string,
): Promise<[status: number, text: string]> {
  const answer = await fetch(`${stack.env.API_URL}/storage/v1/object/${path}`, {
    method,
    headers: { ...headers, "content-type": "text/plain" },
    ...(body === undefined ? {} : { body }),
  });
  return [answer.status, await answer.text()];
}
const refused = (status: number) => status >= 400 && status < 500;

async function reserve(
  who: Person,
  size: number,
  id: string = randomUUID(),
): Promise<Upload & { id: string }> {
  const { upload } = await call<{ upload: Upload }>(by(who), "reserve_file", { id, size });
  return { ...upload, id };
}

async function upload(who: Person, text: string): Promise<Upload & { id: string }> {
  const reserved = await reserve(who, text.length);
  expect((await storage(by(who), "POST", `files/${reserved.path}`, text))[0]).toBe(200);
  const { file } = await call<{ file: { state: string } }>(by(who), "complete_upload", {
    upload: reserved.id,
  });
  expect(file.state).toBe("ready");
  return reserved;
}

const objects = async (): Promise<string[]> =>
  (
    await stack.db.query<{ name: string }>("select name from storage.objects where bucket_id = 'files'")
  ).rows.map(({ name }) => name);

describe("uploading", () => {
  it("ada stores what she has reserved, completes it, and reads it", async () => {
    const file = await upload(people.ada, "hello");
    expect(await storage(by(people.ada), "GET", `authenticated/files/${file.path}`)).toEqual([200, "hello"]);
  });

  it("an object of another size, without a reservation, or a second time is refused, also to the secret key", async () => {
    const reserved = await reserve(people.ada, 5);
    for (const headers of [by(people.ada), asService(stack)]) {
      expect(refused((await storage(headers, "POST", `files/${reserved.path}`, "too long"))[0])).toBe(true);
      expect(refused((await storage(headers, "POST", `files/${people.ada.id}/elsewhere`, "hello"))[0])).toBe(
        true,
      );
    }
    expect(await objects()).not.toContain(reserved.path);
    expect(await call(by(people.ada), "complete_upload", { upload: reserved.id })).toBe("FILE_INCOMPLETE");
    expect((await storage(by(people.ada), "POST", `files/${reserved.path}`, "right"))[0]).toBe(200);
    expect(refused((await storage(by(people.ada), "POST", `files/${reserved.path}`, "again"))[0])).toBe(true);
    expect(refused((await storage(by(people.ada), "PUT", `files/${reserved.path}`, "again"))[0])).toBe(true);
    await call(by(people.ada), "complete_upload", { upload: reserved.id });
    expect((await storage(by(people.ada), "GET", `authenticated/files/${reserved.path}`))[1]).toBe("right");
  });

  it("eve stores nothing under ada's reservation, reads nothing, removes nothing", async () => {
    const reserved = await reserve(people.ada, 5);
    expect(refused((await storage(by(people.eve), "POST", `files/${reserved.path}`, "hello"))[0])).toBe(true);
    const file = await upload(people.ada, "hers!");
    expect(refused((await storage(by(people.eve), "GET", `authenticated/files/${file.path}`))[0])).toBe(true);
    expect(
      refused((await storage(by(people.eve), "POST", `sign/files/${file.path}`, '{"expiresIn":60}'))[0]),
    ).toBe(true);
    await storage(by(people.eve), "DELETE", `files/${file.path}`);
    await storage(by(people.ada), "DELETE", `files/${file.path}`);
    expect((await storage(by(people.ada), "GET", `authenticated/files/${file.path}`))[1]).toBe("hers!");
  });
});

describe("sharing", () => {
  it("ben reads what ada shares with him, until she does no more", async () => {
    const file = await upload(people.ada, "for ben");
    const read = () => storage(by(people.ben), "GET", `authenticated/files/${file.path}`);
    expect(refused((await read())[0])).toBe(true);
    await call(by(people.ada), "share_file", { file: file.id, user: people.ben.id });
    expect(await read()).toEqual([200, "for ben"]);
    const [shared] = await call<{ file: { id: string } }[]>(by(people.ben), "shared_with_me", {});
    expect(shared?.file.id).toBe(file.id);
    await call(by(people.ada), "unshare_file", { file: file.id, user: people.ben.id });
    expect(refused((await read())[0])).toBe(true);
  });
});

describe("where ada keeps a file", () => {
  it("is told to her alone, and its room to those who are in it, however it is asked for", async () => {
    const { ada, ben, eve } = people;
    const file = await upload(ada, "results");
    const [folder, room] = [randomUUID(), randomUUID()];
    await call(by(ada), "create_folder", { id: folder, name: "Doctors" });
    await call(by(ada), "change_file", { id: file.id, changes: { folder_id: folder } });
    await stack.db.query(
      `with made as (
         insert into public.rooms (id, kind, protocol, minimum_suite, history, transcript)
         values ($1, 'group', 1, 1, 'none', sha256('')) returning id
       )
       insert into public.room_members (room_id, user_id, root, role, since)
       select id, u, sha256(''), 1, 1 from made, unnest($2::uuid[]) u`,
      [room, [ada.id, eve.id]],
    );
    await call(by(ada), "attach_file", { file: file.id, room });
    await call(by(ada), "share_file", { file: file.id, user: ben.id });
    const told = async (who: Person, name: string, args: object): Promise<unknown> =>
      (await call<(Row & { file?: Row })[]>(by(who), name, args)).map((row) => {
        const { id, folder_id, room_id } = row.file ?? row;
        return { id, folder_id, room_id };
      });
    type Row = Record<"id" | "folder_id" | "room_id", string | null>;
    const ids = { ids: [file.id] };
    const bare = { id: file.id, folder_id: null, room_id: null };
    expect(await told(ada, "read_files", ids)).toEqual([{ id: file.id, folder_id: folder, room_id: room }]);
    expect(await told(ben, "read_files", ids)).toEqual([bare]);
    expect(await told(ben, "shared_with_me", {})).toEqual([bare]);
    expect(await told(eve, "read_files", ids)).toEqual([{ ...bare, room_id: room }]);
    // Nor by what else may name it: rows of the table, tests of a column, what is told to his devices, pages.
    for (const who of [ben, eve]) {
      const rows = async (query: string): Promise<unknown> =>
        (await stack.send({ path: `/rest/v1/files?${query}`, headers: by(who) })).json;
      expect(await rows(`id=eq.${file.id}`)).toEqual([]);
      expect(await rows(`folder_id=eq.${folder}&select=id`)).toEqual([]);
      const fed = JSON.stringify(await call(by(who), "feed_since", { n: 0 }));
      const page = JSON.stringify(await call(by(who), "files_page", { scope: "folder", folder }));
      expect([fed.includes(folder), who === ben && fed.includes(room), page]).toEqual([false, false, "[]"]);
    }
    const hers = await stack.send({
      path: `/rest/v1/files?folder_id=eq.${folder}&select=id`,
      headers: by(ada),
    });
    expect(hers.json).toEqual([{ id: file.id }]);
  });
});

describe("erasing", () => {
  it("what is purged leaves storage when the worker has run, and nothing else does", async () => {
    const [kept, gone] = [await upload(people.ada, "kept"), await upload(people.ada, "gone")];
    const given = await reserve(people.ada, 4);
    await storage(by(people.ada), "POST", `files/${given.path}`, "left");
    await call(by(people.ada), "cancel_upload", { upload: given.id });
    await call(by(people.ada), "change_file", { id: gone.id, changes: { trashed: true } });
    expect(await call(by(people.ada), "purge_files", { ids: [gone.id, kept.id] })).toBe(1);
    const report = (await work(stack)) as unknown as { files: { done: number } };
    expect(report.files.done).toBe(2);
    const left = await objects();
    expect([kept.path, gone.path, given.path].map((path) => left.includes(path))).toEqual([
      true,
      false,
      false,
    ]);
    expect(refused((await storage(asService(stack), "GET", `authenticated/files/${gone.path}`))[0])).toBe(
      true,
    );
    expect((await storage(by(people.ada), "GET", `authenticated/files/${kept.path}`))[1]).toBe("kept");
  });

  it("with an account its files leave storage", async () => {
    const file = await upload(people.eve, "eve's");
    await stack.db.query("delete from auth.users where id = $1", [people.eve.id]);
    await work(stack);
    expect(await objects()).not.toContain(file.path);
    expect(refused((await storage(asService(stack), "GET", `authenticated/files/${file.path}`))[0])).toBe(
      true,
    );
  });
});
