import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Listener } from "../../stack/src/listener.ts";
import { createLog } from "../../stack/src/log.ts";
import { createWeb } from "../../stack/src/web/index.ts";
import { contract } from "../story/keystore-contract.ts";
import { seed } from "../support/random.ts";
import { root } from "../support/stack.ts";
import { args, eventually, type House } from "./house.ts";
import type {} from "./keystore-page/main.ts";

const run = promisify(execFile);

/** A page of its own, built as the app is built, from the packed SDK, and served under the app's policy. */
export function keystoreStory(house: () => House, executablePath: string): void {
  let folder: string;
  let web: Listener;
  let address: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "trackit-keystore-"));
    const vite = path.join(root, "examples/web/node_modules/vite/bin/vite.js");
    const config = path.join(root, "examples/web/vite.config.ts");
    const page = path.join(import.meta.dirname, "keystore-page");
    const built = path.join(folder, "page");
    await run(process.execPath, [
      vite,
      "build",
      page,
      "--config",
      config,
      "--outDir",
      built,
      "--emptyOutDir",
    ]);
    const { API_URL, PUBLISHABLE_KEY } = house().stack.env;
    web = await createWeb({
      root: built,
      port: 0,
      apiUrl: API_URL,
      key: PUBLISHABLE_KEY,
      log: createLog(() => {}),
    });
    address = `http://127.0.0.1:${web.port}/`;
  });
  afterAll(async () => {
    await web?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (page: Page): Promise<Page> => {
    await page.goto(address);
    await page.waitForFunction(() => "openKeystore" in window);
    return page;
  };

  test.each([true, false])("does what every keystore does (in a worker: %s)", async (inWorker) => {
    const visit = await house().visit();
    const page = await open(visit.page);
    const wrong: string[] = [];
    for (const [name] of contract) {
      const fault = await page.evaluate(([one, options]) => window.tryKeystore(one, options), [
        name,
        { seed, inWorker },
      ] as const);
      if (fault) wrong.push(`${name}: ${fault}`);
    }
    expect(wrong, `seed ${seed}`).toEqual([]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test("two of ada's tabs make one device, and no pin is moved by both or back", async () => {
    const visit = await house().visit();
    const tabs = [await open(visit.page), await open(await visit.tab())];
    const devices = await Promise.all(
      tabs.map((tab) =>
        tab.evaluate(async () => {
          const keystore = await window.openKeystore("tabs:ada");
          const { sign, wrap } = await keystore.generate();
          return `${sign} ${wrap}`;
        }),
      ),
    );
    expect(new Set(devices).size).toBe(1);
    const climbs = await Promise.all(tabs.map((tab) => tab.evaluate(climb, 40)));
    const steps = climbs.flat();
    expect(new Set(steps).size).toBe(80);
    expect(Math.max(...steps)).toBe(80);
    for (const own of climbs) expect(own).toEqual([...own].sort((a, b) => a - b));
    await visit.close();
  });

  test("what one tab wipes is gone for the other, which writes nothing into it any more", async () => {
    const visit = await house().visit();
    const [one, two] = [await open(visit.page), await open(await visit.tab())];
    await two.evaluate(async () => {
      const keystore = await window.openKeystore("wipe:ada");
      await keystore.generate();
      Object.assign(window, { kept: keystore });
    });
    await one.evaluate(async () => (await window.openKeystore("wipe:ada")).wipe());
    const late = await two.evaluate(async () => {
      const { kept } = window as unknown as { kept: Awaited<ReturnType<typeof window.openKeystore>> };
      const code = (error: unknown) => String(Reflect.get(Object(error), "code"));
      const record = { record: "late", value: new Uint8Array(1) };
      return [await kept.batch([record]).then(String, code), await kept.device().then(String, code)];
    });
    expect(late).toEqual(["USAGE_STORAGE", "USAGE_STORAGE"]);
    const left = await one.evaluate(async () => {
      const keystore = await window.openKeystore("wipe:ada");
      return [await keystore.device(), (await keystore.list("")).length];
    });
    expect(left).toEqual([null, 0]);
    await visit.close();
  });

  test("everything is there again when the browser was closed and opened, unreadable on its disk", async () => {
    const profile = path.join(folder, "profile");
    const start = () => chromium.launchPersistentContext(profile, { executablePath, args });
    const first = await start();
    const made = await (await open(await first.newPage())).evaluate(async () => {
      const keystore = await window.openKeystore("restart:ada");
      const { sign } = await keystore.generate();
      const secret = await keystore.sealSecret("room/1", new Uint8Array(32).fill(5));
      const hash = new Uint8Array(32).fill(9);
      await keystore.batch([
        { secret: "room/1", sealed: secret.sealed },
        { pin: "room", from: null, to: { seq: 7, hash } },
        { record: "note", value: new TextEncoder().encode("MARKER-marathon") },
      ]);
      return String(sign);
    });
    await first.close();
    const second = await start();
    const page = await open(await second.newPage());
    const found = await page.evaluate(async () => {
      const keystore = await window.openKeystore("restart:ada");
      const note = await keystore.get("note");
      const seen = await keystore.withSecrets(["room/1"], ([bytes]) => String(bytes));
      const signed = await keystore.sign("trackit/1/commit-sig", new Uint8Array(32), new Uint8Array(16));
      return {
        sign: String((await keystore.device())?.sign),
        seq: (await keystore.pin("room"))?.seq,
        note: new TextDecoder().decode(note ?? undefined),
        seen,
        signed: signed.length,
      };
    });
    expect(found).toEqual({
      sign: made,
      seq: 7,
      note: "MARKER-marathon",
      seen: String(new Uint8Array(32).fill(5)),
      signed: 64,
    });
    const disk = await page.evaluate(onDisk);
    expect(disk.keys).toEqual({ extractable: [false, false, false], exported: 0 });
    expect(disk.text).not.toContain("MARKER");
    expect(disk.text).not.toContain(String(new Uint8Array(32).fill(5)));
    await second.close();
  });

  test("a worker that ends is started anew, and what it was asked is answered", async () => {
    const visit = await house().visit();
    const page = await open(visit.page);
    const device = await page.evaluate(async () => {
      const keystore = await window.openKeystore("crash:ada");
      Object.assign(window, { kept: keystore });
      return String((await keystore.generate()).sign);
    });
    const [worker] = page.workers();
    if (!worker) throw new Error("no worker");
    const gone = worker.waitForEvent("close");
    // Asked without a pause, before it ends and after.
    const asked = page.evaluate(async () => {
      const { kept } = window as unknown as { kept: Awaited<ReturnType<typeof window.openKeystore>> };
      const answers = new Set<string>();
      while (!Reflect.has(window, "enough")) answers.add(String((await kept.device())?.sign));
      return [...answers];
    });
    await worker.evaluate(() => self.close()).catch(() => {});
    await gone;
    await eventually(() => page.workers().filter((one) => one !== worker).length).toBe(1);
    await page.evaluate(() => Object.assign(window, { enough: true }));
    expect(await asked).toEqual([device]);
    expect(page.workers().filter((one) => one !== worker)).toHaveLength(1);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test("a page whose policy allows no worker has it in the page, and finds the same keys", async () => {
    const visit = await house().visit();
    const page = await open(visit.page);
    const where = async () => {
      const keystore = await window.openKeystore("policy:ada");
      return { place: keystore.place, sign: String((await keystore.generate()).sign) };
    };
    const before = await page.evaluate(where);
    expect(before.place).toBe("worker");
    await page.route(address, async (route) => {
      const response = await route.fetch();
      const policy = response
        .headers()
        ["content-security-policy"]?.replace(/trusted-types [^;]+/, "trusted-types 'none'");
      await route.fulfill({
        response,
        headers: { ...response.headers(), "content-security-policy": policy ?? "" },
      });
    });
    await page.reload();
    await page.waitForFunction(() => "openKeystore" in window);
    expect(await page.evaluate(where)).toEqual({ ...before, place: "page" });
    await visit.close();
  });

  test("a changed bit of anything that is kept is CRYPTO_UNREADABLE, and nothing is overwritten", async () => {
    const visit = await house().visit();
    const page = await open(visit.page);
    expect(await page.evaluate(flipEverything)).toEqual({
      get: "CRYPTO_UNREADABLE",
      list: "CRYPTO_UNREADABLE",
      secret: "CRYPTO_UNREADABLE",
      pin: "CRYPTO_UNREADABLE",
      move: "CRYPTO_UNREADABLE",
      guarded: "CRYPTO_UNREADABLE",
      untouched: true,
    });
    await visit.close();
  });

  test("ada's browser is asked to keep the data; a page by plain http is told where to go", async () => {
    const visit = await house().visit();
    await visit.page.addInitScript(() => {
      Object.assign(window, { asked: 0 });
      if (!navigator.storage) return;
      navigator.storage.persist = async () => {
        Object.assign(window, { asked: Number(Reflect.get(window, "asked")) + 1 });
        return false;
      };
    });
    const page = await open(visit.page);
    await page.evaluate(() => window.openKeystore("persist:ada"));
    await eventually(() => page.evaluate(() => Reflect.get(window, "asked"))).toBe(1);

    // No such host: the answers come from the test, for an address that is not the machine's own.
    await page.route("http://trackit.test/**", async (route) => {
      const url = new URL(route.request().url());
      const response = await route.fetch({ url: new URL(url.pathname, address).href });
      await route.fulfill({ response });
    });
    await page.goto("http://trackit.test/");
    await page.waitForFunction(() => "openKeystore" in window);
    const refusal = await page.evaluate(() =>
      window
        .openKeystore("plain:ada")
        .then(String, (error: { code: string; hint: string }) => [error.code, error.hint]),
    );
    expect(refusal).toEqual(["CRYPTO_INSECURE_CONTEXT", expect.stringMatching(/https.*localhost/)]);
    await visit.close();
  });
}

/** In the page: moves a pin up, whoever else does; the steps that were this tab's. */
async function climb(times: number): Promise<number[]> {
  const keystore = await window.openKeystore("tabs:ada");
  const steps: number[] = [];
  while (steps.length < times) {
    const from = await keystore.pin("room");
    const to = { seq: (from?.seq ?? 0) + 1, hash: crypto.getRandomValues(new Uint8Array(32)) };
    if (await keystore.batch([{ pin: "room", from, to }])) steps.push(to.seq);
  }
  return steps;
}

/** In the page: every key that the origin's databases hold, and all their values as text. */
async function onDisk() {
  const extractable: boolean[] = [];
  let exported = 0;
  let text = "";
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    const rows = (store: string) =>
      new Promise<unknown[]>((resolve) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result);
      });
    for (const row of await rows("keys")) {
      for (const key of Object.values(Object(row))) {
        if (!(key instanceof CryptoKey)) continue;
        extractable.push(key.extractable);
        for (const format of ["raw", "pkcs8", "jwk"] as const) {
          exported += await crypto.subtle.exportKey(format, key).then(
            () => 1,
            () => 0,
          );
        }
      }
    }
    for (const value of await rows("kept")) {
      text += `${value} ${new TextDecoder("latin1").decode(value as Uint8Array<ArrayBuffer>)}\n`;
    }
    database.close();
  }
  return { keys: { extractable, exported }, text };
}

/** In the page: flips one bit in each kept value, behind the keystore's back. */
async function flipEverything() {
  const keystore = await window.openKeystore("flip:ada");
  const pin = { seq: 1, hash: new Uint8Array(32) };
  await keystore.batch([
    { record: "note", value: new Uint8Array(20) },
    { secret: "s", sealed: (await keystore.makeSecret("s")).sealed },
    { pin: "p", from: null, to: pin },
  ]);
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open("flip:ada");
    request.onsuccess = () => resolve(request.result);
  });
  const kept = (mode: IDBTransactionMode) => database.transaction("kept", mode).objectStore("kept");
  const all = () =>
    new Promise<[IDBValidKey, Uint8Array][]>((resolve) => {
      const store = kept("readonly");
      const [keys, values] = [store.getAllKeys(), store.getAll()];
      values.onsuccess = () => resolve(keys.result.map((key, at) => [key, values.result[at] as Uint8Array]));
    });
  for (const [key, value] of await all()) {
    value[value.length >> 1] = (value[value.length >> 1] ?? 0) ^ 1;
    await new Promise((resolve) => {
      kept("readwrite").put(value, key).onsuccess = resolve;
    });
  }
  const flipped = JSON.stringify(await all());
  const code = (call: Promise<unknown>) =>
    call.then(String, (error) => String(Reflect.get(Object(error), "code")));
  const answers = {
    get: await code(keystore.get("note")),
    list: await code(keystore.list("")),
    secret: await code(keystore.secret("s")),
    pin: await code(keystore.pin("p")),
    move: await code(keystore.batch([{ pin: "p", from: pin, to: { ...pin, seq: 2 } }])),
    guarded: await code(
      keystore.batch([{ record: "x", value: pin.hash }], [{ record: "note", value: null }]),
    ),
  };
  const untouched = JSON.stringify(await all()) === flipped;
  database.close();
  return { ...answers, untouched };
}
