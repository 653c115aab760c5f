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
