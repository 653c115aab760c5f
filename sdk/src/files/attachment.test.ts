import { describe, expect, it } from "vitest";
import type { FileInfo } from "../crypto/file/index.ts";
import { held, thumbnailOf, toAttachment } from "./attachment.ts";

const info = (thumbnail: Uint8Array<ArrayBuffer>): FileInfo => ({
  id: new Uint8Array(16).fill(1),
  version: 1,
  key: new Uint8Array(32).fill(2),
  size: 5,
  hash: new Uint8Array(32).fill(3),
  name: "a.svg",
  type: "image/svg+xml",
  thumbnail,
});
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "latin1"));

describe("a small picture", () => {
  it.each([
    ["image/png", "\x89PNG\r\n\x1a\n…"],
    ["image/jpeg", "\xff\xd8\xff\xe0…"],
    ["image/webp", "RIFF\x10\0\0\0WEBPVP8 "],
  ])("is %s by its first bytes", async (type, start) => {
    const picture = thumbnailOf(info(bytes(start)));
    expect([picture?.type, picture?.size]).toEqual([type, start.length]);
  });

  it.each([
    "",
    "<svg onload=alert(1)>",
    "<!doctype html>",
    "GIF89a",
    "RIFF\x10\0\0\0WAVE",
    "\x89PN",
    "\xff\xd8",
  ])("is not %j, whatever the sender says it is", (start) => {
    expect(thumbnailOf(info(bytes(start)))).toBeNull();
  });
});

describe("an attachment", () => {
  it("says what the file is, and never what opens it", () => {
    const attachment = toAttachment("ada", info(bytes("\x89PNG")));
    expect(attachment).toMatchObject({
      fileId: "01010101-0101-0101-0101-010101010101",
      name: "a.svg",
      size: 5,
    });
    expect(Object.keys(attachment).sort()).toEqual(["fileId", "name", "size", "thumbnail", "type"]);
    expect(held.get(attachment)).toMatchObject({ ownerId: "ada", info: { version: 1 } });
    expect(held.get({ ...attachment })).toBeUndefined();
  });
});
