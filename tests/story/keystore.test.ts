import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, it } from "vitest";
import { fileKeystore } from "../../sdk/src/store/keys/file/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { seed } from "../support/random.ts";
import { contract, type Kit } from "./keystore-contract.ts";

const folder = mkdtempSync(path.join(tmpdir(), "trackit-keystore-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let tests = 0;

function memoryKit(): Kit {
  return { open: async (user) => memoryKeystore(user), reopen: null, seed };
}

function fileKit(): Kit {
  tests += 1;
  const at = path.join(folder, String(tests));
  const key = crypto.getRandomValues(new Uint8Array(32));
  const open = (user: string) => fileKeystore({ path: path.join(at, user), name: user, key });
  return {
    open,
    reopen: async (user, keystore) => {
      await keystore.close();
      return open(user);
    },
    seed,
  };
}

describe.each([
  ["in memory", memoryKit],
  ["in a file", fileKit],
])(`a keystore %s (seed ${seed})`, (_name, kit) => {
  it.each(contract)("%s", (_case, run) => run(kit()));
});
