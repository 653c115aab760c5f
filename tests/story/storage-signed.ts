import { beforeAll, describe, expect, it } from "vitest";
import { fresh, given, refusal, releases, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
});

const body = async (answer: Response) => {
  const { statusCode, message } = (await answer.json()) as { statusCode: string; message: string };
  return `${answer.status} ${statusCode} ${message}`;
};

describe.each(releases)("signed URLs, with storage-js %s", (release) => {
  const ada = () => kit.as("ada", release).from("open");

  it("a URL opens its object to whoever has it, under the name that is wished", async () => {
    const name = `signed/${fresh(".png")}`;
    given(await ada().upload(name, new Blob(["picture"], { type: "image/png" })));
    const { signedUrl } = given(await ada().createSignedUrl(name, 60));
    expect(signedUrl).toContain(`${kit.url}/object/sign/open/${name}?token=`);
    const answer = await fetch(signedUrl);
    expect([answer.status, await answer.text()]).toEqual([200, "picture"]);
    expect(answer.headers.get("content-disposition")).toBeNull();
    expect(answer.headers.get("cache-control")).toMatch(/^private, max-age=\d\d?$/);
    const saved = given(await ada().createSignedUrl(name, 60, { download: "My cat.png" }));
    expect((await fetch(saved.signedUrl)).headers.get("content-disposition")).toContain(
      "attachment; filename=My",
    );
    const plain = given(await ada().createSignedUrl(name, 60, { download: true }));
    expect((await fetch(plain.signedUrl)).headers.get("content-disposition")).toBe("attachment;");
  });

  it("what no cache may hold, or only with a question that its URL is needed for, is held by none", async () => {
    for (const caching of ["no-store", "no-cache"]) {
      const name = fresh();
      const headers = { "cache-control": caching };
      await kit.fetch(`/object/open/${name}`, { by: "ada", method: "POST", headers, body: "secret" });
      const { signedUrl } = given(await ada().createSignedUrl(name, 60));
      const answer = await fetch(signedUrl);
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    }
  });

  it("many at once: those that are absent say so in their places", async () => {
    const names = [fresh(), fresh()];
    for (const name of names) given(await ada().upload(name, name));
    const urls = given(await ada().createSignedUrls([names[0] ?? "", "../absent", names[1] ?? ""], 60));
    expect(urls.map(({ path, error }) => [path, error])).toEqual([
      [names[0], null],
      ["../absent", "Either the object does not exist or you do not have access to it"],
      [names[1], null],
    ]);
    for (const { path, signedUrl } of urls)
      if (signedUrl) expect(await (await fetch(signedUrl)).text()).toBe(path);
  });

  it("a token opens nothing else: not another object, not another use, not once it is over, not changed", async () => {
    const [mine, other] = [fresh(), fresh()];
    for (const name of [mine, other]) given(await ada().upload(name, name));
    const { signedUrl } = given(await ada().createSignedUrl(mine, 60));
    const token = new URL(signedUrl).searchParams.get("token") ?? "";
    const path = (name: string, given: string) => kit.fetch(`/object/sign/open/${name}?token=${given}`);
    expect(await body(await path(other, token))).toBe("400 400 Invalid signature");
    // The same name in another bucket is another object.
    given(await kit.root(release).from("shown").upload(mine, "not ada's", { upsert: true }));
    expect(await body(await kit.fetch(`/object/sign/shown/${mine}?token=${token}`))).toBe(
      "400 400 Invalid signature",
    );
    for (const end of ["/", "%20", "%2f", ".bak"])
      expect((await kit.fetch(`/object/sign/open/${mine}${end}?token=${token}`)).status).toBe(400);
    expect(await body(await kit.fetch(`/render/image/sign/open/${mine}?token=${token}`))).toBe(
      "400 400 Invalid signature",
    );
    const put = await kit.fetch(`/object/upload/sign/open/${mine}?token=${token}`, {
      method: "PUT",
      body: "x",
    });
    expect(await body(put)).toBe("400 400 Invalid signature");
    const [head, , mark] = token.split(".");
    const claims = Buffer.from(JSON.stringify({ url: `open/${mine}`, use: "download", exp: 1 })).toString(
      "base64url",
    );
    for (const forged of [`${head}.${claims}.${mark}`, "x", kit.stack.env.ANON_KEY, kit.people.ada.token])
      expect((await path(mine, forged)).status).toBe(400);
    expect(await body(await kit.fetch(`/object/sign/open/${mine}`))).toContain("'token'");
    // The token of a URL is none of the API.
    const asKey = await fetch(`${kit.url}/bucket`, { headers: { authorization: `Bearer ${token}` } });
    expect(asKey.status).toBe(400);
    const short = given(await ada().createSignedUrl(mine, 1));
    await expect.poll(async () => (await fetch(short.signedUrl)).status).toBe(400);
    expect(await body(await fetch(short.signedUrl))).toBe('400 400 "exp" claim timestamp check failed');
  });

  it("one who may not read cannot sign", async () => {
    const name = `${kit.people.ada.id}/${fresh()}`;
    given(await kit.as("ada", release).from("mine").upload(name, "x"));
    const eve = kit.as("eve", release).from("mine");
    expect(refusal(await eve.createSignedUrl(name, 60))).toBe("404 Object not found");
    expect(given(await eve.createSignedUrls([name], 60))[0]?.signedUrl ?? null).toBeNull();
    for (const seconds of [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER])
      expect(refusal(await eve.createSignedUrl(name, seconds))).toMatch(/^400 body\/expiresIn must be/);
  });

  it("what else is asked for goes into no token", async () => {
    const name = fresh();
    given(await kit.as("ada", release).from("open").upload(name, "x"));
    const { ada, eve } = kit.people;
    const wishes = {
      url: "mine/x",
      use: "image",
      sub: eve.id,
      owner: eve.id,
      role: "service_role",
      upsert: true,
    };
    const body = JSON.stringify({
      ...wishes,
      expiresIn: 60,
      exp: 1e10,
      iat: 1,
      version: "x",
      transformations: "x",
    });
    const claims = async (where: string) => {
      const answer = await kit.fetch(where, { by: "ada", method: "POST", body });
      const { signedURL, url } = (await answer.json()) as { signedURL?: string; url: string };
      const token = new URL(signedURL ?? url, kit.url).searchParams.get("token") ?? "";
      const { exp, iat, ...rest } = JSON.parse(
        Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
      );
      expect(exp - iat).toBeLessThanOrEqual(7200);
      expect(Math.abs(Date.now() / 1000 - iat)).toBeLessThan(60);
      return rest;
    };
    expect(await claims(`/object/sign/open/${name}`)).toEqual({ url: `open/${name}`, use: "download" });
    const upload = await claims(`/object/upload/sign/open/${name}-new`);
    expect(upload).toMatchObject({ url: `open/${name}-new`, use: "upload" });
    expect(JSON.stringify(upload)).toContain(ada.id);
    expect(JSON.stringify(upload)).not.toMatch(new RegExp(`${eve.id}|service_role|upsert":true`));
  });

  it("a signed upload: once, by whoever has it, for the one who signed it", async () => {
    const name = `${kit.people.ada.id}/${fresh()}`;
    const mine = kit.as("ada", release).from("mine");
    const { token, path, signedUrl } = given(await mine.createSignedUploadUrl(name));
    expect(path).toBe(name);
    expect(signedUrl).toContain(`${kit.url}/object/upload/sign/mine/${name}`);
    const stranger = kit.as(undefined, release).from("mine");
    expect(given(await stranger.uploadToSignedUrl(name, token, new Blob(["from a stranger"])))).toMatchObject(
      {
        path: name,
        fullPath: `mine/${name}`,
      },
    );
    expect(refusal(await stranger.uploadToSignedUrl(name, token, "again"))).toBe(
      "409 The resource already exists",
    );
    expect(refusal(await stranger.uploadToSignedUrl(`${name}2`, token, "x"))).toBe("400 Invalid signature");
    const foreign = kit.as(undefined, release).from("open");
    expect(refusal(await foreign.uploadToSignedUrl(name, token, "x"))).toBe("400 Invalid signature");
    const over = await kit.signed("upload", `mine/${name}`, -1);
    expect(refusal(await stranger.uploadToSignedUrl(name, over, "x"))).toBe(
      '400 "exp" claim timestamp check failed',
    );
    for (const odd of ["", "rubbish", `${token.slice(0, -4)}AAAA`])
      expect((await stranger.uploadToSignedUrl(name, odd, "x")).error).toMatchObject({ statusCode: "400" });
    expect(await given(await mine.download(name)).text()).toBe("from a stranger");
    const upsert = given(await mine.createSignedUploadUrl(name, { upsert: true }));
    given(await stranger.uploadToSignedUrl(name, upsert.token, "replaced"));
    expect(await given(await mine.download(name)).text()).toBe("replaced");
    expect(refusal(await mine.createSignedUploadUrl(name))).toBe("409 The resource already exists");
    expect(refusal(await kit.as("eve", release).from("mine").createSignedUploadUrl(name))).toContain(
      "403 new row violates",
    );
  });

  it("public URLs open what is in a public bucket, and nothing else", async () => {
    const name = fresh();
    given(await kit.root(release).from("shown").upload(name, "for all"));
    given(await kit.root(release).from("open").upload(name, "not for all"));
    const url = (bucket: string) => kit.as(undefined, release).from(bucket).getPublicUrl(name).data.publicUrl;
    expect(await (await fetch(url("shown"))).text()).toBe("for all");
    expect(await body(await fetch(url("open")))).toBe("400 404 Bucket not found");
    const info = await kit.fetch(`/object/info/public/shown/${name}`);
    expect(await info.json()).toMatchObject({ name, size: 7 });
  });
});
