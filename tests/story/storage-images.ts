import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { given, refusal, type StorageKit, sharedKit } from "./storage-kit.ts";

let kit: StorageKit;
beforeAll(async () => {
  kit = await sharedKit();
  const picture = { width: 400, height: 200, channels: 3 as const, background: "#c04" };
  const root = kit.root();
  const jpeg = await sharp({ create: picture })
    .withExif({ IFD3: { GPSLatitude: "1/1 2/1 3/1" } })
    .jpeg()
    .toBuffer();
  for (const bucket of ["shown", "open"])
    given(await root.from(bucket).upload("a.jpg", jpeg, { contentType: "image/jpeg" }));
  given(await root.from("shown").upload("a.svg", "<svg/>", { contentType: "image/svg+xml" }));
  given(await root.from("shown").upload("broken.png", "no picture", { contentType: "image/png" }));
});

async function look(answer: Response) {
  expect([answer.status, answer.headers.get("x-content-type-options")]).toEqual([200, "nosniff"]);
  const { width, height, format, exif } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
  return { width, height, format, exif, type: answer.headers.get("content-type") };
}

const render = (options: string, headers: Record<string, string> = {}) =>
  kit.fetch(`/render/image/public/shown/a.jpg?${options}`, { headers });

describe("images", () => {
  it.each([
    ["width=100", 100, 50],
    ["height=50", 100, 50],
    ["width=100&height=100", 100, 100],
    ["width=100&height=100&resize=contain", 100, 50],
    ["width=100&height=100&resize=fill", 100, 100],
    ["width=1000&resize=contain", 400, 200],
    ["", 400, 200],
  ])("%s: %i × %i", async (options, width, height) => {
    expect(await look(await render(options))).toMatchObject({
      width,
      height,
      format: "jpeg",
      type: "image/jpeg",
    });
  });

  it("WebP for whoever takes it, unless the original format is wanted; the camera's notes are left out", async () => {
    const accept = "image/webp,image/*";
    expect(await look(await render("width=10", { accept }))).toMatchObject({
      format: "webp",
      type: "image/webp",
    });
    expect((await look(await render("width=10&format=origin", { accept }))).format).toBe("jpeg");
    expect((await look(await render("width=10"))).exif).toBeUndefined();
    expect((await render("width=10")).headers.get("vary")).toContain("accept");
  });

  it("a lower quality is smaller", async () => {
    const size = async (quality: number) =>
      (await (await render(`quality=${quality}`)).arrayBuffer()).byteLength;
    expect(await size(20)).toBeLessThan(await size(100));
  });

  it("through storage-js: downloaded by one who may, and by a signed URL as it was signed and not otherwise", async () => {
    const transform = { width: 40, height: 40 };
    const blob = given(await kit.as("ada").from("open").download("a.jpg", { transform }));
    expect(await sharp(Buffer.from(await blob.arrayBuffer())).metadata()).toMatchObject({
      width: 40,
      height: 40,
    });
    expect((await kit.as().from("open").download("a.jpg", { transform })).error).not.toBeNull();
    const { signedUrl } = given(await kit.as("ada").from("open").createSignedUrl("a.jpg", 60, { transform }));
    expect(signedUrl).toContain("/render/image/sign/open/a.jpg?token=");
    expect(await look(await fetch(`${signedUrl}&width=300`))).toMatchObject({ width: 40, height: 40 });
    const plain = signedUrl.replace("/render/image/sign/", "/object/sign/");
    expect((await fetch(plain)).status).toBe(400);
  });

  it.each([
    "width=0",
    "width=2501",
    "height=-1",
    "width=1.5",
    "quality=101",
    "quality=1",
    "resize=x",
    "format=exe",
  ])("%s: refused", async (options) => {
    const answer = await render(options);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      400,
      "InvalidRequest",
    ]);
  });

  it.each(["jpeg", "png", "webp", "gif", "avif"] as const)("%s is drawn", async (kind) => {
    const picture = { width: 40, height: 20, channels: 3 as const, background: "#c04" };
    const bytes = await sharp({ create: picture }).toFormat(kind).toBuffer();
    given(
      await kit
        .root()
        .from("shown")
        .upload(`a.${kind}`, bytes, { contentType: `image/${kind}` }),
    );
    const answer = await kit.fetch(`/render/image/public/shown/a.${kind}?width=10&format=origin`);
    expect(await look(answer)).toMatchObject({ width: 10, height: 5, type: `image/${kind}` });
  });

  it("what was done is said; nothing that was made runs, and a HEAD says the same", async () => {
    for (const [options, done] of [
      ["", null],
      ["format=origin", null],
      ["width=10", "width:10,resizing_type:fill"],
      ["height=10&width=20&resize=contain&quality=40", "height:10,width:20,resizing_type:fit,quality:40"],
      ["width=10&resize=fill&format=avif", "width:10,resizing_type:force,format:avif"],
    ] as const) {
      const answer = await render(options);
      const head = await kit.fetch(`/render/image/public/shown/a.jpg?${options}`, { method: "HEAD" });
      expect(await head.text()).toBe("");
      for (const { status, headers } of [answer, head]) {
        expect([status, headers.get("x-transformations")]).toEqual([200, done]);
        expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.*; sandbox$/);
        expect([headers.get("x-content-type-options"), headers.get("x-robots-tag")]).toEqual([
          "nosniff",
          "none",
        ]);
      }
      await answer.arrayBuffer();
    }
  });

  it("a drawing that says it is a picture is not drawn", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>x()</script><rect width="9" height="9"/></svg>`;
    for (const [name, contentType] of [
      ["drawing.png", "image/png"],
      ["drawing.jpg", "image/jpeg"],
    ] as const) {
      given(await kit.root().from("shown").upload(name, svg, { contentType }));
      const answer = await kit.fetch(`/render/image/public/shown/${name}?width=5`);
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: "InvalidRequest" }]);
      // As it is, it is called what it was said to be, and nothing looks twice.
      const plain = await kit.fetch(`/object/public/shown/${name}`);
      expect([
        plain.headers.get("content-type"),
        plain.headers.get("x-content-type-options"),
        await plain.text(),
      ]).toEqual([contentType, "nosniff", svg]);
    }
  });

  it("what is no picture, or a damaged one, is refused", async () => {
    for (const name of ["a.svg", "broken.png"]) {
      const answer = await kit.fetch(`/render/image/public/shown/${name}?width=10`);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        400,
        "InvalidRequest",
      ]);
    }
    expect(
      refusal(
        await kit
          .as("ada")
          .from("open")
          .createSignedUrl("a.jpg", 60, { transform: { width: 9999 } }),
      ),
    ).toMatch(/^400 querystring\/width/);
  });
});
