import fs, { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { Upload } from "@tus/server";
import { afterAll, expect, it, vi } from "vitest";
import type { Services } from "../services.ts";
import { fileIdOf, VersionStore } from "./store.ts";

const folder = mkdtempSync(path.join(tmpdir(), "trackit-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A store over a database that says of each upload that it is under way. */
function storeOf(size: number): VersionStore {
  const row = { size, given: {}, created_at: new Date() };
  const database = { rows: async () => [row] };
  return new VersionStore({ database, versions: { folder }, durable: false } as unknown as Services);
}

it("an upload's offset is told once what was cut off has been written: the file grows no more", async () => {
  const store = storeOf(1_000_000);
  const id = fileIdOf(crypto.randomUUID());
  await store.create(new Upload({ id, size: 1_000_000, offset: 0 }));
  const { write } = fs;
  const held: (() => void)[] = [];
  const slow = vi.spyOn(fs, "write").mockImplementation(((...args: Parameters<typeof write>) => {
    held.push(() => write(...args));
  }) as typeof write);
  const part = new Readable({ read() {} });
  const writing = store.write(part, id, 0);
  part.push(Buffer.alloc(1_000));
  await expect.poll(() => held.length).toBe(1);
  // The line is cut in the middle of a write.
  part.destroy(new Error("the line is cut"));
  const told = store.getUpload(id);
  slow.mockRestore();
  setImmediate(() => held[0]?.());
  await expect(writing).rejects.toBeDefined();
  expect((await told).offset).toBe(1_000);
  expect(fs.statSync(path.join(folder, id)).size).toBe(1_000);
});
