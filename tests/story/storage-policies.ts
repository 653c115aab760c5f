import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, refusal, type StorageClient, type StorageKit, sharedKit } from "./storage-kit.ts";

/** Which of insert, select, update and delete a bucket's policies give, for every combination of them. */
const grants = Array.from({ length: 16 }, (_, bits) =>
  [..."isud"].filter((_verb, n) => bits & (1 << n)).join(""),
);

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
  const root = kit.root();
  await Promise.all(
    grants.map(async (verbs) => given(await root.createBucket(`v-${verbs}`, { public: false }))),
  );
});

type Bucket = ReturnType<StorageClient["from"]>;
type Result = { data: unknown; error: unknown };

interface Verb {
  /** What it takes. */
  needs: string;
  /** @param name an object that is there; @param absent one that is not */
  run(bucket: Bucket, name: string, absent: string): Promise<Result>;
  /** How a refusal looks: an error, or nothing having happened. */
  refused: RegExp | ((data: unknown) => boolean);
}

const denied = /^403 new row violates row-level security policy/;
const unseen = /^404 Object not found/;
const isEmpty = (data: unknown) => Array.isArray(data) && data.length === 0;

const verbs: Record<string, Verb> = {
  upload: { needs: "i", run: (b, _name, absent) => b.upload(absent, "new"), refused: denied },
  "upload a form": {
    needs: "i",
    run: (b, _name, absent) => b.upload(absent, new Blob(["new"])),
    refused: denied,
  },
  "upsert what is new": {
    needs: "is",
    run: (b, _name, absent) => b.upload(absent, "new", { upsert: true }),
    refused: denied,
  },
  "upsert what is there": {
    needs: "isu",
    run: (b, name) => b.upload(name, "new", { upsert: true }),
    refused: /^403 new row violates row-level security policy/,
  },
  update: { needs: "isu", run: (b, name) => b.update(name, "new"), refused: denied },
  download: {
    needs: "s",
    run: async (b, name) => {
      const { data, error } = await b.download(name);
      return { data: data && (await data.text()), error };
    },
    refused: /./,
  },
  info: { needs: "s", run: (b, name) => b.info(name), refused: unseen },
  list: { needs: "s", run: (b) => b.list("", { limit: 1 }), refused: isEmpty },
  "list v2": {
    needs: "s",
    run: async (b) => {
      const { data, error } = await b.listV2({ limit: 1 });
      return { data: data?.objects ?? null, error };
    },
    refused: isEmpty,
  },
  sign: { needs: "s", run: (b, name) => b.createSignedUrl(name, 60), refused: unseen },
  "sign many": {
    needs: "s",
    run: async (b, name) => {
      const { data, error } = await b.createSignedUrls([name], 60);
      return { data: (data ?? []).filter(({ signedUrl }) => signedUrl), error };
    },
    refused: isEmpty,
  },
  "sign an upload": {
    needs: "i",
    run: (b, _name, absent) => b.createSignedUploadUrl(absent),
    refused: denied,
  },
  move: { needs: "su", run: (b, name, absent) => b.move(name, absent), refused: unseen },
  copy: { needs: "si", run: (b, name, absent) => b.copy(name, absent), refused: /^40[34] / },
  remove: { needs: "sd", run: (b, name) => b.remove([name]), refused: isEmpty },
};

describe.each(grants)("with policies for %j alone", (granted) => {
  it.each(Object.entries(verbs))("ada's %s", async (_word, { needs, run, refused }) => {
    const id = `v-${granted}`;
    const [name, absent] = [fresh(), fresh()];
    given(await kit.root().from(id).upload(name, "old"));
    const result = await run(kit.as("ada").from(id), name, absent);
    const may = [...needs].every((verb) => granted.includes(verb));
    if (may) expect(isEmpty(given(result))).toBe(false);
    else if (typeof refused === "function") expect(refused(result.data)).toBe(true);
    else expect(refusal(result)).toMatch(refused);
    if (!may) {
      // What was refused has changed nothing.
      const root = kit.root().from(id);
      expect(await given(await root.download(name)).text()).toBe("old");
      expect((await root.exists(absent)).data).toBe(false);
    }
  });
});

describe("folders of one's own", () => {
  it("ada has hers; eve and strangers neither see nor touch it; root does all", async () => {
    const name = `${kit.people.ada.id}/${fresh()}`;
    given(await kit.as("ada").from("mine").upload(name, "ada's"));
    for (const client of [kit.as("eve"), kit.as()]) {
      const bucket = client.from("mine");
      expect((await bucket.download(name)).error).not.toBeNull();
      expect((await bucket.exists(name)).data).toBe(false);
      expect(refusal(await bucket.upload(name, "x", { upsert: true }))).toMatch(denied);
      expect(refusal(await bucket.upload(`${kit.people.ada.id}/new`, "x"))).toMatch(denied);
      expect(refusal(await bucket.move(name, `${kit.people.eve.id}/x`))).toMatch(unseen);
      expect(refusal(await bucket.copy(name, `${kit.people.eve.id}/x`))).toMatch(unseen);
      expect(given(await bucket.remove([name]))).toEqual([]);
      expect(given(await bucket.list(kit.people.ada.id))).toEqual([]);
    }
    // Into somebody else's folder neither by move nor by copy.
    const foreign = `${kit.people.ben.id}/x`;
    expect(refusal(await kit.as("ada").from("mine").move(name, foreign))).toMatch(denied);
    expect(refusal(await kit.as("ada").from("mine").copy(name, foreign))).toMatch(denied);
    expect(await given(await kit.as("ada").from("mine").download(name)).text()).toBe("ada's");
    expect(given(await kit.root().from("mine").remove([name]))).toHaveLength(1);
  });

  it("an object belongs to the one who uploads it, and a client cannot say otherwise", async () => {
    const name = `${kit.people.ada.id}/${fresh()}`;
    await kit.fetch(`/object/mine/${name}`, {
      by: "ada",
      method: "POST",
      headers: { "x-owner": kit.people.eve.id, "content-type": "text/plain" },
      body: "x",
    });
    const [row] = given(await kit.root().from("mine").remove([name]));
    expect(row).toMatchObject({ owner_id: kit.people.ada.id, owner: kit.people.ada.id });
  });
});

describe("policies on what is said of an upload", () => {
  it.each([
    ["all of it", { for: "press" }, "image/png", 100, true],
    ["nothing of ada's", undefined, "image/png", 100, false],
    ["something else", { for: "ada" }, "image/png", 100, false],
    ["a wrong type", { for: "press" }, "text/plain", 100, false],
    ["too much", { for: "press" }, "image/png", 1001, false],
  ])("%s", async (_what, metadata, contentType, size, may) => {
    const said = kit.as("ada").from("said");
    const options = metadata ? { contentType, metadata } : { contentType };
    // Of a form, policies are told how long it is, and at the end how long its file was.
    for (const body of [Buffer.alloc(size), new Blob([Buffer.alloc(size)], { type: contentType })]) {
      const name = fresh();
      const result = await said.upload(name, body, options);
      if (may) expect(given(result).path).toBe(name);
      else expect(refusal(result)).toBe("403 new row violates row-level security policy");
      expect((await kit.root().from("said").exists(name)).data).toBe(may);
    }
  });

  it("of several names, those go that may", async () => {
    const mine = kit.root().from("mine");
    const [ada, eve] = [`${kit.people.ada.id}/${fresh()}`, `${kit.people.eve.id}/${fresh()}`];
    for (const name of [ada, eve]) given(await mine.upload(name, "x"));
    const gone = given(await kit.as("ada").from("mine").remove([eve, ada, ada]));
    expect(gone.map(({ name }) => name)).toEqual([ada]);
    expect((await mine.exists(eve)).data).toBe(true);
    expect(given(await mine.remove([eve]))).toHaveLength(1);
  });
});
