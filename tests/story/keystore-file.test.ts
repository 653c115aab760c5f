import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, it } from "vitest";
import { type FileKeystoreOptions, fileKeystore } from "../../sdk/src/store/keys/file/index.ts";
import { Line } from "../../sdk/src/store/keys/file/line.ts";
import { FileShelf } from "../../sdk/src/store/keys/file/shelf.ts";
import { openVessel } from "../../sdk/src/store/keys/file/vessel.ts";
import { dice, seed } from "../support/random.ts";

const folder = mkdtempSync(path.join(tmpdir(), "trackit-keystore-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const fresh = (): string => path.join(folder, String(++files), "keys");
const key = new Uint8Array(32).fill(3);
const open = (file: string, options: Partial<FileKeystoreOptions> = {}) =>
  fileKeystore({ path: file, name: "ada", key, ...options });

/** A file with one record, closed. */
async function written(options: Partial<FileKeystoreOptions> = {}): Promise<string> {
  const file = fresh();
  const keystore = await open(file, options);
  await keystore.batch([{ record: "note", value: new TextEncoder().encode("MARKER") }]);
  await keystore.close();
  return file;
}

const note = async (file: string, options: Partial<FileKeystoreOptions> = {}): Promise<string> => {
  const keystore = await open(file, options);
  const value = await keystore.get("note");
  await keystore.close();
  return new TextDecoder().decode(value ?? undefined);
};

describe("a keystore's file", () => {
  it("is its owner's alone, in a folder of its owner's, and shows nothing", async () => {
    const file = await written();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(path.dirname(file))).toEqual(["keys"]);
    expect(readFileSync(file).includes("MARKER")).toBe(false);
    expect(await note(file)).toBe("MARKER");
  });

  it("that others may read is refused until it is closed to them", async () => {
    const file = await written();
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(file, mode);
      await expect(open(file)).rejects.toMatchObject({
        code: "USAGE_STORAGE",
        hint: expect.stringMatching(/chmod 600/),
      });
    }
    await chmod(file, 0o600);
    expect(await note(file)).toBe("MARKER");
  });

  it("with one bit changed, anywhere, or its end cut, or more added, is CRYPTO_UNREADABLE and stays as it is", async () => {
    const file = await written();
    const whole = readFileSync(file);
    const bad: Buffer[] = [0, 1, 60, 117, 118, 119, 130, 140, whole.length >> 1, whole.length - 1].map(
      (length) => whole.subarray(0, length),
    );
    bad.push(Buffer.concat([whole, Buffer.alloc(1)]));
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      bad.push(flipped);
    }
    for (const bytes of bad) {
      writeFileSync(file, bytes);
      const code = await open(file).then(
        () => "opened",
        (error) => error.code,
      );
      expect(`${bytes.length} bytes: ${code}`).toBe(`${bytes.length} bytes: CRYPTO_UNREADABLE`);
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
    writeFileSync(file, whole);
    expect(await note(file)).toBe("MARKER");
  });

  it("is not read from the half of one that a killed process left beside it", async () => {
    const file = await written();
    writeFileSync(`${file}.new`, readFileSync(file).subarray(0, 200));
    const keystore = await open(file);
    await keystore.batch([{ record: "other", value: new Uint8Array(1) }]);
    await keystore.close();
    expect(await note(file)).toBe("MARKER");
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it("is another user's and another project's to nobody", async () => {
    const file = await written();
    await expect(open(file, { name: "ben" })).rejects.toMatchObject({ code: "USAGE_STORAGE" });
    expect(await note(file)).toBe("MARKER");
  });

  it("that somebody replaced meanwhile is not overwritten", async () => {
    const [file, other] = [await written(), await written()];
    const keystore = await open(file);
    await copyFile(other, `${file}.copy`);
    await chmod(`${file}.copy`, 0o600);
    const foreign = readFileSync(other);
    rmSync(file);
    await copyFile(`${file}.copy`, file);
    await expect(keystore.batch([{ record: "x", value: null }])).rejects.toMatchObject({
      code: "CONFLICT_BUSY",
    });
    expect(readFileSync(file).equals(foreign)).toBe(true);
    await keystore.close();
  });
});

describe("private keys in a file", () => {
  it("cannot be taken out of the process, neither after they were made nor after they were read", async () => {
    const file = fresh();
    for (const round of ["made", "read"]) {
      const { vessel, values } = await openVessel(file, "ada", { key }, 14);
      const shelf = new FileShelf(vessel, values);
      const { id, key: seal } = await shelf.seal();
      const { sign, wrap } = await shelf.makeDevice(id, null);
      expect([sign, wrap, seal].map(({ extractable }) => extractable)).toEqual([false, false, false]);
      for (const [one, format] of [
        [sign, "pkcs8"],
        [sign, "jwk"],
        [wrap, "pkcs8"],
        [wrap, "jwk"],
        [seal, "raw"],
      ] as const) {
        await expect(crypto.subtle.exportKey(format, one), `${round} ${format}`).rejects.toThrow(
          /extractable/,
        );
      }
      await shelf.close();
    }
  });
});

describe("a keystore that was closed", () => {
  it("writes nothing any more, and its file is the next one's", async () => {
    const file = await written();
    const keystore = await open(file);
    await keystore.close();
    await expect(keystore.batch([{ record: "note", value: null }])).rejects.toMatchObject({
      code: "USAGE_STORAGE",
    });
    await expect(keystore.wipe()).rejects.toMatchObject({ code: "USAGE_STORAGE" });
    expect(await note(file)).toBe("MARKER");
  });
});

describe("what opens it", () => {
  const passphrase = "correct horse battery";
  const cost = 14;

  it("is the passphrase, in any Unicode form; a wrong one is told plainly and costs nothing", async () => {
    const phrase = { key: undefined, passphrase: "ca\u0301fe\u0301 marathon", cost };
    const file = await written(phrase);
    const before = readFileSync(file);
    await expect(open(file, { ...phrase, passphrase: "cafe marathon" })).rejects.toMatchObject({
      code: "CRYPTO_PASSPHRASE",
      message: expect.stringMatching(/not its passphrase/),
    });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(await note(file, { ...phrase, passphrase: "c\u00e1f\u00e9 marathon" })).toBe("MARKER");
  });

  it("or a key of the app's; neither stands in for the other", async () => {
    const [byKey, byPhrase] = [await written(), await written({ key: undefined, passphrase, cost })];
    const wrong = { code: "CRYPTO_PASSPHRASE" };
    await expect(open(byKey, { key: new Uint8Array(32) })).rejects.toMatchObject(wrong);
    await expect(open(byKey, { key: undefined, passphrase })).rejects.toMatchObject(wrong);
    await expect(open(byPhrase)).rejects.toMatchObject(wrong);
  });

  it.each<[string, Partial<FileKeystoreOptions>]>([
    ["nothing, for there is no default", { key: undefined }],
    ["both", { passphrase }],
    ["a short passphrase", { key: undefined, passphrase: "1234567" }],
    ["an empty passphrase", { key: undefined, passphrase: "" }],
    ["a key of 16 bytes", { key: new Uint8Array(16) }],
    ["a cost below the least", { key: undefined, passphrase, cost: 13 }],
    ["a cost that no machine has", { key: undefined, passphrase, cost: 21 }],
  ])("is not %s (USAGE_INVALID)", async (_what, options) => {
    const file = fresh();
    await expect(open(file, options)).rejects.toMatchObject({ code: "USAGE_INVALID" });
    expect(existsSync(file)).toBe(false);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });
});

describe("its lock", () => {
  it("lets one process have it, and the next when it is released", async () => {
    const file = await written();
    const keystore = await open(file);
    await expect(open(file)).rejects.toMatchObject({
      code: "CONFLICT_BUSY",
      message: expect.stringMatching(/process \d+/),
    });
    const child = start(file);
    expect(await child.exit).not.toBe(0);
    expect(child.errors()).toMatch(/CONFLICT_BUSY/);
    await keystore.close();
    expect(await note(file)).toBe("MARKER");
  });

  it("of a process that ended is taken over, by one of many that try at once", async () => {
    const file = await written();
    const lock = JSON.stringify({
      pid: 2 ** 30,
      started: "1",
      where: await here(file),
      nonce: crypto.randomUUID(),
    });
    for (let round = 0; round < 30; round++) {
      writeFileSync(`${file}.lock`, lock);
      // Some turns apart, so that one finds the dead holder and goes on when another has already replaced it.
      const late = async (turns: number) => {
        for (let left = turns; left > 0; left--) await new Promise(setImmediate);
        return open(file);
      };
      const tries = await Promise.allSettled(Array.from({ length: 6 }, (_, at) => late(at * (round % 10))));
      const won = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(won).toHaveLength(1);
      await won[0]?.close();
      expect(readdirSync(path.dirname(file))).toEqual(["keys"]);
    }
  });

  it("of a process whose number another one has now is taken over", async () => {
    const file = await written();
    const lock = { pid: process.pid, started: "1", where: await here(file), nonce: crypto.randomUUID() };
    writeFileSync(`${file}.lock`, JSON.stringify(lock));
    expect(await note(file)).toBe("MARKER");
  });

  it("of another machine or container is respected, and the way out is told", async () => {
    const file = await written();
    const there = (await here(file)).replace(encodeURIComponent(hostname()), "elsewhere");
    for (const text of [JSON.stringify({ pid: 1, started: "1", where: there, nonce: "n" }), "rubbish", ""]) {
      writeFileSync(`${file}.lock`, text);
      await expect(open(file)).rejects.toMatchObject({
        code: "CONFLICT_BUSY",
        hint: expect.stringMatching(/delete .*lock/),
      });
    }
  });

  it("that somebody deleted stops the next write, which would be one of two", async () => {
    const file = await written();
    const keystore = await open(file);
    rmSync(`${file}.lock`);
    const other = await open(file);
    await expect(keystore.batch([{ record: "x", value: null }])).rejects.toMatchObject({
      code: "CONFLICT_BUSY",
    });
    await other.close();
    await keystore.close();
  });
});

describe("a process that is killed while it writes", () => {
  const kills = Number(process.env.KILLS ?? 10);

  it(`leaves everything acknowledged, ${kills} times (seed ${seed})`, {
    timeout: 60_000 + 10_000 * kills,
  }, async () => {
    const file = await written();
    const roll = dice(seed);
    const acknowledged = new Map<string, number>();
    let device = "";
    let halves = 0;
    for (let kill = 0; kill < kills; kill++) {
      const child = start(file);
      let [left, events] = [roll.between(1, 60), roll.between(0, 6)];
      // An acknowledged batch is followed by none being written: what happens in the folder comes at other moments.
      const watching = watch(path.dirname(file), () => {
        if (left > 0) return;
        if (events === 0) child.process.kill("SIGKILL");
        events -= 1;
      });
      for await (const line of child.lines) {
        const [name = "", value = ""] = line.split(" ");
        if (name === "device") {
          device ||= value;
          expect(value).toBe(device);
        } else acknowledged.set(name, Number(value));
        left -= 1;
      }
      watching.close();
      expect(await child.exit, child.errors()).toBeNull();
      halves += existsSync(`${file}.new`) ? 1 : 0;
      const keystore = await open(file);
      for (const [name, seq] of acknowledged) {
        const reached = (await keystore.pin(name))?.seq ?? 0;
        expect(reached).toBeGreaterThanOrEqual(seq);
        // A batch is there whole or not at all.
        expect(await keystore.list(`${name}/`)).toHaveLength(reached);
      }
      expect(Buffer.from((await keystore.device())?.sign ?? []).toString("hex")).toBe(device);
      await keystore.close();
    }
    expect(acknowledged.size).toBeGreaterThan(0);
    console.log(`killed ${kills} times, ${halves} of them with half a file beside the whole one`);
  });
});

describe("a write that fails", () => {
  it("takes back what stood on it, and nothing that was acknowledged", async () => {
    const writes: { names: string[]; end(error?: Error): void }[] = [];
    const line = new Line(
      new Map(),
      (values) =>
        new Promise((resolve, reject) => {
          writes.push({ names: [...values.keys()], end: (error) => (error ? reject(error) : resolve()) });
        }),
    );
    const put = (name: string): Promise<string> =>
      line
        .change((values) => Boolean(values.set(name, new Uint8Array())))
        .then(String, (error: Error) => error.message);
    const begun = (count: number) => expect.poll(() => writes.length).toBe(count);
    const names = async () => [...(await line.settled()).keys()];

    const first = put("a");
    await begun(1);
    writes[0]?.end();
    expect(await first).toBe("true");
    const second = put("b");
    await begun(2);
    // These come while b is being written, and stand on it.
    const third = [put("c"), put("d")];
    writes[1]?.end(new Error("full"));
    expect(await Promise.all([second, ...third])).toEqual(["full", "full", "full"]);
    expect(await names()).toEqual(["a"]);
    const fourth = [put("e"), put("f")];
    await begun(3);
    writes[2]?.end();
    expect(await Promise.all(fourth)).toEqual(["true", "true"]);
    expect(await names()).toEqual(["a", "e", "f"]);
    expect(writes.map((one) => one.names.join(""))).toEqual(["a", "ab", "aef"]);
  });
});

/** Where this process is, as its own locks say it. */
async function here(file: string): Promise<string> {
  const keystore = await open(file);
  const { where } = JSON.parse(readFileSync(`${file}.lock`, "utf8")) as { where: string };
  await keystore.close();
  return where;
}

function start(file: string) {
  const script = path.join(import.meta.dirname, "keystore-writer.ts");
  const args = ["--import", "tsx", script, file, Buffer.from(key).toString("hex")];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr?.on("data", (text) => {
    errors += text;
  });
  if (!child.stdout) throw new Error("no output");
  return {
    process: child,
    lines: createInterface({ input: child.stdout }),
    exit: once(child, "exit").then(([code]) => code as number | null),
    errors: () => errors,
  };
}
