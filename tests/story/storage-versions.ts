import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, refusal, type StorageKit, sharedKit } from "./storage-kit.ts";

// A bucket keeps one version of an object. Whoever names another one by its id is not given that one instead.

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
});

type Newest = ReturnType<typeof import("supabase-js-newest")["createClient"]>["storage"];
const bucketOf = (name: string) => (kit.root("newest") as unknown as Newest).from(name);

/** An object that was replaced once. */
async function replaced(bucket: string) {
  const name = fresh();
  const files = bucketOf(bucket);
  given(await files.upload(name, "first"));
  const first = given(await files.info(name)).version;
  given(await files.update(name, "second"));
  const second = given(await files.info(name)).version;
  expect(first).not.toBe(second);
  return { name, first, second };
}

const absent = "404 Object not found";

describe("a version that is named", () => {
  it("is read, described and signed as long as it is there; another one is not found", async () => {
    const { name, first, second } = await replaced("shown");
    const files = bucketOf("shown");
    for (const [versionId, there] of [
      [second, true],
      [first, false],
      ["rubbish", false],
    ] as const) {
      const { publicUrl } = files.getPublicUrl(name, { versionId }).data;
      const hand = `/object/authenticated/shown/${name}?versionId=${versionId}`;
      for (const answer of [
        await fetch(publicUrl),
        await kit.fetch(hand, { by: "root" }),
        await kit.fetch(`/object/info/public/shown/${name}?versionId=${versionId}`),
        await kit.fetch(hand, { by: "root", method: "HEAD" }),
      ]) {
        await answer.arrayBuffer();
        expect(answer.status).toBe(there ? 200 : 400);
      }
      const download = await files.download(name, { versionId });
      const info = await files.info(name, { versionId });
      const signed = await files.createSignedUrl(name, 60, { versionId });
      if (there) {
        expect(await given(download).text()).toBe("second");
        expect(given(info).version).toBe(second);
        expect(await (await fetch(given(signed).signedUrl)).text()).toBe("second");
      } else {
        expect(download.error).not.toBeNull();
        expect([refusal(info), refusal(signed)]).toEqual([absent, absent]);
      }
    }
  });

  it("is what a signed URL opens, and not what came in its place", async () => {
    const name = fresh();
    const files = bucketOf("open");
    given(await files.upload(name, "first"));
    const { version: versionId } = given(await files.info(name));
    const pinned = given(await files.createSignedUrl(name, 60, { versionId })).signedUrl;
    const loose = given(await files.createSignedUrl(name, 60)).signedUrl;
    given(await files.update(name, "second"));
    expect(await (await fetch(pinned)).json()).toMatchObject({ code: "NoSuchKey" });
    expect(await (await fetch(loose)).text()).toBe("second");
  });

  it("is copied, moved and removed; what was meant for another one leaves it alone", async () => {
    const { name, first, second } = await replaced("open");
    const files = bucketOf("open");
    const [copy, moved] = [fresh(), fresh()];
    expect(refusal(await files.copy(name, copy, { sourceVersionId: first }))).toBe(absent);
    expect(refusal(await files.move(name, moved, { sourceVersionId: first }))).toBe(absent);
    given(await files.copy(name, copy, { sourceVersionId: second }));
    given(await files.move(name, moved, { sourceVersionId: second }));
    const mixed = [copy, { path: moved, versionId: first }, { path: "absent", versionId: second }];
    expect(given(await files.remove(mixed)).map((gone) => gone.name)).toEqual([copy]);
    const where = (versionId: string) => `/object/open/${moved}?versionId=${versionId}`;
    const wrong = await kit.fetch(where(first), { by: "root", method: "DELETE" });
    expect(await wrong.json()).toMatchObject({ code: "NoSuchKey" });
    expect(await given(await files.download(moved)).text()).toBe("second");
    const gone = await kit.fetch(where(second), { by: "root", method: "DELETE" });
    expect([gone.status, await gone.json()]).toEqual([200, { message: "Successfully deleted" }]);
    expect((await files.download(moved)).error).not.toBeNull();
  });

  it("is an id and nothing else", async () => {
    for (const prefixes of [[7], [null], [["x"]], [{ path: "x" }], [{ path: "x", versionId: 7 }], "x"]) {
      const body = JSON.stringify({ prefixes });
      const answer = await kit.fetch("/object/open", { by: "root", method: "DELETE", body });
      expect(await answer.json()).toMatchObject({ statusCode: "400", code: "InvalidRequest" });
    }
    const odd = await kit.fetch("/object/info/open/x?versionId=%00", { by: "root" });
    expect(await odd.json()).toMatchObject({ statusCode: "400", code: "InvalidRequest" });
  });
});

describe("lists that are narrowed", () => {
  const beside = ["", ".bak", "/below"];

  it("to one name show that one alone, and its version", async () => {
    const name = `exact/${fresh()}`;
    const files = bucketOf("open");
    for (const end of beside) given(await files.upload(name + end, end));
    const { version } = given(await files.info(name));
    for (const with_delimiter of [true, false]) {
      const page = given(await files.listV2({ prefix: name, exactMatch: true, with_delimiter }));
      expect(page).toMatchObject({ hasNext: false, folders: [], objects: [{ name, version }] });
      expect(page.objects).toHaveLength(1);
      expect(page.objects[0]).toMatchObject({
        archived_at: null,
        is_delete_marker: false,
        is_versioned: false,
      });
    }
    const last = name.slice("exact/".length);
    for (const found of [
      await files.list(name, { exactMatch: true }),
      await files.list("exact/", { exactMatch: true, search: last }),
    ])
      expect(given(found)).toMatchObject([{ name: last, id: expect.any(String), metadata: { size: 0 } }]);
    expect(given(await files.list(name, { exactMatch: true, offset: 1 }))).toEqual([]);
    for (const prefix of [`${name}/`, "exact", name.toUpperCase(), "%", ""]) {
      expect(given(await files.listV2({ prefix, exactMatch: true })).objects).toEqual([]);
      expect(given(await files.list(prefix, { exactMatch: true }))).toEqual([]);
    }
  });

  it("to one name show nothing to whoever may not read it", async () => {
    const own = fresh();
    const name = `${kit.people.ada.id}/${own}`;
    given(await kit.as("ada").from("mine").upload(name, "1"));
    const shown = async (by: "ada" | "ben" | "root") => {
      const body = JSON.stringify({ prefix: name, exactMatch: true });
      const answers = [];
      for (const list of ["list", "list-v2"])
        answers.push(await (await kit.fetch(`/object/${list}/mine`, { by, method: "POST", body })).text());
      return answers.map((text) => text.includes(own));
    };
    expect([await shown("ada"), await shown("root"), await shown("ben")]).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
  });

  it("to what no bucket keeps show nothing; with it they are as without", async () => {
    const name = fresh();
    const files = bucketOf("open");
    given(await files.upload(name, "1"));
    const modes = [undefined, "exclude", "include", "only"] as const;
    for (const noncurrentVersions of modes)
      for (const deleteMarkers of modes) {
        const options = {
          ...(noncurrentVersions ? { noncurrentVersions } : {}),
          ...(deleteMarkers ? { deleteMarkers } : {}),
        };
        const wanted = Object.values(options).includes("only") ? [] : [name];
        const { objects } = given(await files.listV2({ prefix: name, ...options }));
        expect(objects.map((each) => each.name)).toEqual(wanted);
        const listed = given(await files.list("", { search: name, ...options }));
        expect(listed.map((each) => each.name)).toEqual(wanted);
      }
  });

  it("in no other way", async () => {
    for (const list of ["list", "list-v2"])
      for (const [key, value, words] of [
        ["noncurrentVersions", "all", "must be equal to one of the allowed values"],
        ["deleteMarkers", "", "must be equal to one of the allowed values"],
        ["deleteMarkers", true, "must be string"],
        ["exactMatch", "true", "must be boolean"],
      ]) {
        const body = JSON.stringify({ prefix: "", [String(key)]: value });
        const answer = await kit.fetch(`/object/${list}/open`, { by: "root", method: "POST", body });
        expect(await answer.json()).toMatchObject({ statusCode: "400", message: `body/${key} ${words}` });
      }
    const body = JSON.stringify({ prefix: "a\u0000", exactMatch: true });
    const odd = await kit.fetch("/object/list-v2/open", { by: "root", method: "POST", body });
    expect(await odd.json()).toMatchObject({ statusCode: "400" });
  });
});
