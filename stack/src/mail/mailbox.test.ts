import { describe, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { type MailDisk, noDisk } from "./disk.ts";
import { maxBytes, maxMessages, openMailbox } from "./mailbox.ts";

const log = createLog(() => {});
const mail = (subject: string, padding = 0) =>
  Buffer.from(`From: a@x.test\r\nTo: b@x.test\r\nSubject: ${subject}\r\n\r\n${"x".repeat(padding)}`);

/** A disk in memory whose writes can be made to fail. */
function fakeDisk(): MailDisk & { files: Map<string, Uint8Array>; full: boolean } {
  const files = new Map<string, Uint8Array>();
  return {
    ...noDisk,
    files,
    full: false,
    async write(name, raw) {
      if (this.full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      files.set(name, raw);
    },
    async remove(name) {
      files.delete(name);
    },
  };
}

describe("the mailbox's bounds", () => {
  test("only the newest messages are kept, in memory and on disk", async () => {
    const disk = fakeDisk();
    const box = await openMailbox(disk, log);
    for (let n = 0; n < maxMessages + 3; n++) await box.deliver(mail(`number ${n}`));
    expect(box.messages).toHaveLength(maxMessages);
    expect(disk.files.size).toBe(maxMessages);
    expect(box.messages[0]?.subject).toBe(`number ${maxMessages + 2}`);
    expect(box.messages.at(-1)?.subject).toBe("number 3");
  });

  test("many large messages push the oldest out before memory grows past its bound", async () => {
    const box = await openMailbox(noDisk, log);
    const size = 4 * 1024 * 1024;
    for (let n = 0; n < maxBytes / size + 2; n++) await box.deliver(mail(`large ${n}`, size));
    const kept = box.messages.reduce((sum, message) => sum + message.raw.byteLength, 0);
    expect(kept).toBeLessThanOrEqual(maxBytes);
    expect(box.messages[0]?.subject).toBe(`large ${maxBytes / size + 1}`);
  });

  test("a full disk refuses the message instead of keeping half of it", async () => {
    const disk = fakeDisk();
    const box = await openMailbox(disk, log);
    disk.full = true;
    await expect(box.deliver(mail("lost"))).rejects.toThrow("no space left");
    expect(box.messages).toHaveLength(0);
    disk.full = false;
    await box.deliver(mail("kept"));
    expect(box.messages.map((message) => message.subject)).toEqual(["kept"]);
  });
});
