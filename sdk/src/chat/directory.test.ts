import { beforeEach, describe, expect, it } from "vitest";
import { toBase64url } from "../crypto/bytes/index.ts";
import { addDevice, type Person, person, suite } from "../crypto/testing/cast.ts";
import { memoryKeystore } from "../store/keys/memory.ts";
import type { Keystore } from "../store/keys/types.ts";
import { Directory } from "./directory.ts";
import { toUuid } from "./ids.ts";
import type { Wire, WireLog } from "./wire.ts";

let ben: Person;
let keystore: Keystore;
beforeEach(async () => {
  ben = await person("ben");
  for (const _ of ["a laptop", "a tablet"]) ben = (await addDevice(ben)).who;
  keystore = memoryKeystore();
});

/** A server that shows ben's log up to these rows, one number a request, the last one from then on. */
function serverThatShows(...rows: number[]): { wire: Wire; asked: number[] } {
  const asked: number[] = [];
  const wire = {
    ask: async (_: string, args: Record<string, unknown>): Promise<unknown> => {
      const [{ after = 0 } = {}] = args.asked as { after?: number }[];
      const shown = rows[Math.min(asked.length, rows.length - 1)] ?? 0;
      asked.push(after);
      const { root, user } = ben.log;
      const entries = ben.rows.slice(after, shown).map((row) => toBase64url(row));
      const log: WireLog = {
        ...{ user_id: toUuid(user), root: toBase64url(root), rows: shown },
        ...{ retired: false, entries, openings: {} },
      };
      return [log];
    },
  };
  return { wire: wire as Wire, asked };
}

const read = async (wire: Wire) =>
  new Directory(suite, wire, keystore).present(toUuid(ben.log.user), "a test");

describe("a list of devices", () => {
  it("that another tab has read further is read on, and nobody is warned", async () => {
    await read(serverThatShows(3).wire);
    const { asked, wire } = serverThatShows(2, 3);
    expect((await read(wire))?.rows).toBe(3);
    expect(asked).toHaveLength(2);
  });

  it("that is shown shorter than it was, twice, is refused, and the pin stays", async () => {
    await read(serverThatShows(3).wire);
    const directory = new Directory(suite, serverThatShows(2).wire, keystore);
    const { root, user } = ben.log;
    await expect(directory.present(toUuid(user), "a test")).rejects.toMatchObject({ code: "CRYPTO_HISTORY" });
    // Nor does the next call go on with what was shown.
    await expect(directory.ensure([{ user, root, seq: 1 }], "a test")).rejects.toMatchObject({
      code: "CRYPTO_HISTORY",
    });
    expect(directory.logs(user, root)).toBeUndefined();
    expect((await read(serverThatShows(3).wire))?.rows).toBe(3);
  });

  it("is read by two calls at once, of which the slower one sees less, without a warning", async () => {
    const { wire } = serverThatShows(3, 2, 3);
    const directory = new Directory(suite, wire, keystore);
    const user = toUuid(ben.log.user);
    await Promise.all([directory.present(user, "one"), directory.present(user, "other")]);
    expect(directory.logs(ben.log.user, ben.log.root)?.rows).toBe(3);
  });
});
