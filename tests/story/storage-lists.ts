import type pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { dice, seed } from "../support/random.ts";
import { given, refusal, releases, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
let db: pg.Client;
beforeAll(async () => {
  kit = await sharedKit();
  db = await kit.owner();
});

interface Row {
  name: string;
  /** Milliseconds. */
  at: number;
}

/** Rows without bytes: for lists they are as good, and a thousand are there at once. */
async function makeBucket(id: string, rows: Row[]): Promise<void> {
  await db.query("insert into storage.buckets (id, name) values ($1, $1)", [id]);
  await db.query(
    `insert into storage.objects (bucket_id, name, created_at)
     select $1, r.name, to_timestamp(r.at / 1000.0) from jsonb_to_recordset($2) as r (name text, at float8)`,
    [id, JSON.stringify(rows)],
  );
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe.each(releases)("lists, with storage-js %s", (release) => {
  const id = `listed-${release}`;
  const names = [
    "a.txt",
    "b.txt",
    "C.txt",
    "sub/1.txt",
    "sub/2.txt",
    "sub/deep/3.txt",
    "Sub2/4.txt",
    "zz.png",
  ];
  const bucket = () => kit.root(release).from(id);
  beforeAll(() =>
    makeBucket(
      id,
      names.map((name, n) => ({ name, at: 1e12 + ((n * 5) % 8) * 1000 })),
    ),
  );

  const list = async (...words: Parameters<ReturnType<typeof bucket>["list"]>) =>
    given(await bucket().list(...words)).map(({ name, id: row }) => (row === null ? `${name}/` : name));

  it("a folder's files and folders, whatever their case", async () => {
    const all = ["a.txt", "b.txt", "C.txt", "sub/", "Sub2/", "zz.png"];
    expect(await list()).toEqual(all);
    expect(await list("", { sortBy: { column: "name", order: "desc" } })).toEqual(all.toReversed());
    expect(await list("sub")).toEqual(["1.txt", "2.txt", "deep/"]);
    expect(await list("sub/")).toEqual(["1.txt", "2.txt", "deep/"]);
    expect(await list("sub/deep")).toEqual(["3.txt"]);
    expect(await list("absent")).toEqual([]);
    expect(await list("", { limit: 2, offset: 3 })).toEqual(["sub/", "Sub2/"]);
    expect(await list("", { search: "S" })).toEqual(["sub/", "Sub2/"]);
    expect(await list("sub", { search: "2" })).toEqual(["2.txt"]);
  });

  it("by time, folders first", async () => {
    const sortBy = { column: "created_at", order: "desc" };
    expect(await list("", { sortBy })).toEqual(["sub/", "Sub2/", "b.txt", "zz.png", "C.txt", "a.txt"]);
  });

  it("folders have neither id nor times; files say what they are", async () => {
    const [file, , , folder] = given(await bucket().list());
    expect(file).toMatchObject({ name: "a.txt", id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(folder).toMatchObject({
      name: "sub",
      id: null,
      created_at: null,
      updated_at: null,
      metadata: null,
    });
  });

  it("v2: every file below a prefix, or its files and folders; in pages behind a cursor", async () => {
    const flat = given(await bucket().listV2({ prefix: "sub/" }));
    expect(flat).toMatchObject({ hasNext: false, folders: [] });
    expect(flat.nextCursor).toBeUndefined();
    expect(flat.objects.map(({ name }) => name)).toEqual(["sub/1.txt", "sub/2.txt", "sub/deep/3.txt"]);
    const nested = given(await bucket().listV2({ prefix: "sub/", with_delimiter: true }));
    expect(nested.folders).toEqual([{ key: "deep", name: "sub/deep/" }]);
    expect(nested.objects.map(({ key, name }) => [key, name])).toEqual([
      ["1.txt", "sub/1.txt"],
      ["2.txt", "sub/2.txt"],
    ]);
    const first = given(await bucket().listV2({ limit: 2, with_delimiter: true }));
    expect(first).toMatchObject({ hasNext: true, nextCursor: expect.any(String) });
    const second = given(
      await bucket().listV2({ limit: 9, with_delimiter: true, cursor: first.nextCursor ?? "" }),
    );
    const shown = [first, second].flatMap(({ folders, objects }) => [...folders, ...objects]);
    expect(shown.map(({ name }) => name).toSorted(byBytes)).toEqual([
      "C.txt",
      "Sub2/",
      "a.txt",
      "b.txt",
      "sub/",
      "zz.png",
    ]);
  });

  it("what is searched for may lie folders below, and is named from the folder on", async () => {
    const found = async (folder: string, search: string, column = "name") =>
      await list(folder, { search, sortBy: { column } });
    for (const column of ["name", "created_at", "updated_at", "last_accessed_at"]) {
      expect(await found("", "sub/deep/", column)).toEqual(["sub/deep/3.txt"]);
      expect(await found("", "SUB/DEEP/3.TXT", column)).toEqual(["sub/deep/3.txt"]);
      expect(await found("sub", "deep/3", column)).toEqual(["deep/3.txt"]);
      expect(await found("", "sub/d", column)).toEqual(["sub/deep/"]);
      expect(await found("sub", "x/y", column)).toEqual([]);
      expect(await found("", "s_b", column)).toEqual([]);
      expect(await found("", "%", column)).toEqual([]);
    }
    for (const prefix of ["%", "s_b"]) {
      const sortBy = { column: "created_at", order: "asc" } as const;
      for (const options of [{ prefix }, { prefix, with_delimiter: true, sortBy }, { prefix, sortBy }])
        expect(given(await bucket().listV2(options))).toMatchObject({ folders: [], objects: [] });
    }
  });

  it("v2: a file of a folder's name, and what sorts between them, one to a page", async () => {
    const names = ["aZ", "aa", "aa!", "aa/child", "ab"];
    await makeBucket(
      `beside-${release}`,
      names.map((name) => ({ name, at: 1e12 })),
    );
    const wanted = ["aZ", "aa", "aa!", "aa/", "ab"];
    for (const order of ["asc", "desc"] as const) {
      const shown: string[] = [];
      let cursor: string | undefined;
      do {
        const options = { limit: 1, with_delimiter: true, sortBy: { column: "name", order } as const };
        const files = kit.root(release).from(`beside-${release}`);
        const page = given(await files.listV2({ ...options, ...(cursor ? { cursor } : {}) }));
        shown.push(...[...page.folders, ...page.objects].map(({ name }) => name));
        cursor = page.nextCursor;
      } while (cursor);
      expect(shown).toEqual(order === "asc" ? wanted : wanted.toReversed());
    }
  });

  it("v2: by time, in pages, with folders as old as the oldest in them; whoever is as old goes by name", async () => {
    const rows = [
      { name: "c", at: 1e12 },
      { name: "f/late", at: 1e12 + 9000 },
      { name: "f/early", at: 1e12 + 1000 },
      { name: "b", at: 1e12 + 2000 },
      // The same millisecond.
      { name: "a!", at: 1e12 + 3000.4 },
      { name: "a/x", at: 1e12 + 3000.2 },
      { name: "aa", at: 1e12 + 3000 },
    ];
    await makeBucket(`timed-${release}`, rows);
    const timed = kit.root(release).from(`timed-${release}`);
    const wanted = ["c", "f/", "b", "a!", "a/", "aa"];
    for (const order of ["asc", "desc"] as const) {
      const shown: string[] = [];
      let cursor: string | undefined;
      do {
        const options = { limit: 1, with_delimiter: true, sortBy: { column: "created_at", order } as const };
        const page = given(await timed.listV2({ ...options, ...(cursor ? { cursor } : {}) }));
        shown.push(...[...page.folders, ...page.objects].map(({ name }) => name));
        expect(page.hasNext).toBe(page.nextCursor !== undefined);
        cursor = page.nextCursor;
      } while (cursor);
      expect(shown).toEqual(order === "asc" ? wanted : wanted.toReversed());
    }
  });

  it("v2: what has no time is as old as can be, and is listed once", async () => {
    const id = `timeless-${release}`;
    await makeBucket(id, [
      { name: "c", at: 1e12 },
      { name: "a", at: 1e12 },
      { name: "b", at: 1e12 },
    ]);
    await db.query("update storage.objects set created_at = null where bucket_id = $1 and name < 'c'", [id]);
    for (const with_delimiter of [true, false])
      for (const order of ["asc", "desc"] as const) {
        const shown: string[] = [];
        let cursor: string | undefined;
        do {
          const options = { limit: 1, with_delimiter, sortBy: { column: "created_at", order } as const };
          const page = given(
            await kit
              .root(release)
              .from(id)
              .listV2({ ...options, ...(cursor ? { cursor } : {}) }),
          );
          shown.push(...page.objects.map(({ name }) => name));
          cursor = page.nextCursor;
        } while (cursor);
        expect(shown).toEqual(order === "asc" ? ["a", "b", "c"] : ["c", "b", "a"]);
      }
  });

  it("what cannot be asked for is refused", async () => {
    expect(refusal(await bucket().list("", { sortBy: { column: "version" } }))).toMatch(
      /^400 body\/sortBy\/column/,
    );
    expect(refusal(await bucket().list("", { sortBy: { order: "sideways" } }))).toMatch(
      /^400 body\/sortBy\/order/,
    );
    expect(refusal(await bucket().list("", { limit: 0 }))).toBe("400 body/limit must be >= 1");
    expect(refusal(await bucket().list("", { offset: -1 }))).toBe("400 body/offset must be >= 0");
    for (const cursor of ["rubbish", btoa("[]"), btoa('["a", 7]'), btoa('["a", "never"]'), btoa("{}")])
      expect(refusal(await bucket().listV2({ cursor }))).toBe("400 Invalid cursor");
    for (const cursor of [btoa('["a\\u0000", ""]'), btoa('["a", "2020-01-01T00:00:00.000Z"]')])
      expect(["200", "400"]).toContain((await bucket().listV2({ cursor })).error?.statusCode ?? "200");
    expect(given(await bucket().list("%_\\'; --"))).toEqual([]);
  });
});

/** What a list shows of rows that are in order: files, and each folder once. */
function collapse(rows: Row[], prefix: string, fold: (name: string) => string): string[] {
  const shown: string[] = [];
  let last: string | null = null;
  for (const { name } of rows) {
    const end = name.indexOf("/", prefix.length);
    const folder = end < 0 ? null : fold(name.slice(0, end + 1));
    if (folder === null) shown.push(name);
    else if (folder !== last) shown.push(name.slice(0, end + 1));
    last = folder;
  }
  return shown;
}

it(`1,500 files of made-up names: the lists are those of a simple model (seed ${seed})`, async () => {
  const roll = dice(seed);
  const word = () => Array.from({ length: roll.between(1, 2) }, () => roll.pick([..."abAB!-0."])).join("");
  const made = new Set<string>();
  while (made.size < 900) made.add(Array.from({ length: roll.between(1, 4) }, word).join("/"));
  // More in one folder than a page of the index holds.
  for (let n = 0; n < 600; n++) made.add(`many/${n}/x`);
  const rows = [...made].map((name) => ({ name, at: 1e12 + roll.between(0, 500) * 1000 }));
  await makeBucket("model", rows);
  const bucket = kit.root().from("model");
  for (let round = 0; round < 40; round++) {
    const prefix = roll.pick(["", "", "a/", "A/", "ab/", "many/", "b", `${word()}/`, word()]);
    const order = roll.pick(["asc", "desc"] as const);
    const turned = (sorted: Row[]) => (order === "asc" ? sorted : sorted.toReversed());
    const below = rows.filter(({ name }) => name.startsWith(prefix)).sort((a, b) => byBytes(a.name, b.name));

    for (const nested of [true, false]) {
      const wanted = nested
        ? collapse(turned(below), prefix, (name) => name)
        : turned(below).map(({ name }) => name);
      const limit = roll.between(Math.max(1, Math.ceil(wanted.length / 5)), wanted.length + 2);
      const got: string[] = [];
      let cursor: string | undefined;
      do {
        const options = { prefix, limit, with_delimiter: nested, sortBy: { column: "name", order } as const };
        const page = given(await bucket.listV2({ ...options, ...(cursor ? { cursor } : {}) }));
        const shown = [...page.folders, ...page.objects].map(({ name }) => name).toSorted(byBytes);
        got.push(...(order === "asc" ? shown : shown.toReversed()));
        cursor = page.nextCursor;
      } while (cursor);
      expect(got, JSON.stringify({ prefix, order, nested, limit })).toEqual(wanted);
    }

    const folder = prefix.endsWith("/") ? prefix : "";
    const search = prefix.slice(folder.length);
    const folded = rows
      .filter(({ name }) => name.toLowerCase().startsWith(prefix.toLowerCase()))
      .sort((a, b) => byBytes(a.name.toLowerCase(), b.name.toLowerCase()) || byBytes(a.name, b.name));
    const all = collapse(turned(folded), prefix, (name) => name.toLowerCase());
    const [offset, limit] = [roll.between(0, 20), roll.between(1, 200)];
    const sortBy = { column: "name", order };
    const found = given(await bucket.list(folder, { search, limit, offset, sortBy }));
    expect(
      found.map(({ name, id }) => (id === null ? `${name}/` : name)),
      JSON.stringify({ folder, search, order, limit, offset }),
    ).toEqual(all.slice(offset, offset + limit).map((name) => name.slice(folder.length)));
  }
});
