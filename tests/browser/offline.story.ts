import path from "node:path";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { TrackIt } from "../../sdk/src/index.ts";
import type { openIndexedDb } from "../../sdk/src/store/indexed-db.ts";
import { root } from "../support/stack.ts";
import { eventually, type House } from "./house.ts";

declare global {
  interface Window {
    mobile: TrackIt;
    openIndexedDb: typeof openIndexedDb;
  }
}

/** A real file of the app's origin without scripts, on which the SDK stands alone. */
const PAGE = "app.webmanifest";

export function offlineStory(house: () => House): void {
  test("what ada writes offline survives a reload offline, unreadable on the disk, and arrives once", async () => {
    const ada = await house().person("offline-ada");
    const visit = await house().visit();
    const page = await open(house(), visit.page);
    const { email, password } = ada;
    await page.evaluate((input) => window.mobile.auth.signIn(input), { email, password });
    const goal = await page.evaluate(() => window.mobile.goals.create({ title: "Run" }));
    const context = page.context();
    await context.setOffline(true);
    const task = await page.evaluate(
      (goalId) => window.mobile.tasks.create({ goalId, title: "MARKER-shoes" }),
      goal.id,
    );
    await page.evaluate((id) => window.mobile.goals.update(id, { title: "Run far" }), goal.id);
    expect(await page.evaluate(allTexts)).not.toContain("MARKER");
    expect(await page.evaluate(allTexts)).toContain("write/");
    expect(await page.evaluate(keyCanBeTakenOut)).toBe(false);

    // The browser has no network, so the page comes from the test.
    await page.route(`**/${PAGE}`, (route) => route.fulfill({ body: "{}", contentType: "application/json" }));
    await page.reload();
    const waiting = () =>
      page.evaluate(async () => (await window.mobile.outbox.pending()).map((one) => one.action));
    expect(await waiting()).toEqual(["tasks.create", "goals.update"]);
    await page.evaluate((id) => window.mobile.tasks.setStatus(id, "done"), task.id);
    expect(await waiting()).toHaveLength(3);

    await page.unroute(`**/${PAGE}`);
    await context.setOffline(false);
    await page.reload();
    await eventually(waiting).toEqual([]);
    const stored = await page.evaluate((id) => window.mobile.tasks.get(id), task.id);
    expect(stored).toMatchObject({ title: "MARKER-shoes", status: "done", version: 2 });
    const title = await page.evaluate(async (id) => (await window.mobile.goals.get(id)).title, goal.id);
    expect(title).toBe("Run far");
    await visit.close();
  });

  test("of two tabs one sends, each write once, when the network is back; both see it go", async () => {
    const ada = await house().person("tabs-offline-ada");
    const visit = await house().visit();
    const one = await open(house(), visit.page);
    const { email, password } = ada;
    await one.evaluate((input) => window.mobile.auth.signIn(input), { email, password });
    const two = await open(house(), await visit.tab());
    const context = one.context();
    await context.setOffline(true);
    for (const [page, name] of [
      [one, "one"],
      [two, "two"],
    ] as const) {
      for (let n = 0; n < 5; n++) {
        await page.evaluate((title) => window.mobile.tasks.create({ title }), `${name}-${n}`);
      }
    }
    const waiting = (page: Page) => page.evaluate(async () => (await window.mobile.outbox.pending()).length);
    expect([await waiting(one), await waiting(two)]).toEqual([10, 10]);
    const posts: string[] = [];
    context.on("request", (request) => {
      if (request.method() === "POST" && request.url().includes("/rest/v1/tasks"))
        posts.push(request.postData() ?? "");
    });
    await context.setOffline(false);
    await eventually(() => waiting(one)).toBe(0);
    await eventually(() => waiting(two)).toBe(0);
    expect(new Set(posts).size).toBe(10);
    expect(posts).toHaveLength(10);
    expect(await one.evaluate(async () => (await window.mobile.tasks.list().toArray()).length)).toBe(10);
    await visit.close();
  });

  test("IndexedDB does what a Map does, sealed and not, also when it is opened again", async () => {
    const visit = await house().visit();
    const page = await open(house(), visit.page);
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    for (const seal of [true, false]) {
      const report = await page.evaluate(againstMap, { seed, seal });
      expect(report, `seed ${seed}`).toEqual({ wrong: [], steps: 200, left: 0 });
    }
    await visit.close();
  });
}

async function open(house: House, page: Page): Promise<Page> {
  const contents = `export * as sdk from "./sdk/dist/index.js"; export { openIndexedDb } from "./sdk/src/store/indexed-db.ts";`;
  const bundled = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "parts",
    platform: "browser",
    logLevel: "silent",
  });
  const { API_URL, PUBLISHABLE_KEY } = house.stack.env;
  const options = { url: API_URL, key: PUBLISHABLE_KEY, offline: true };
  await page.addInitScript({
    content: `${bundled.outputFiles[0]?.text}
      window.mobile = parts.sdk.createTrackIt(${JSON.stringify(options)});
      window.openIndexedDb = parts.openIndexedDb;`,
  });
  await page.goto(`${house.web}/${path.posix.basename(PAGE)}`);
  return page;
}

/** Every key and value of every database of the page's origin, as text. */
async function allTexts(): Promise<string> {
  const texts: string[] = [];
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    const values = database.transaction("values").objectStore("values");
    const [keys, found] = [values.getAllKeys(), values.getAll()];
    await new Promise((resolve) => {
      found.onsuccess = resolve;
    });
    database.close();
    texts.push(JSON.stringify([keys.result, found.result]));
  }
  return texts.join("\n");
}

async function keyCanBeTakenOut(): Promise<boolean> {
  const [{ name = "" } = {}] = await indexedDB.databases();
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
  });
  const request = database.transaction("keys").objectStore("keys").get("seal");
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  database.close();
  return crypto.subtle.exportKey("raw", request.result as CryptoKey).then(
    () => true,
    () => false,
  );
}

/** In the page: random batches on the database and on a Map. */
async function againstMap({ seed, seal }: { seed: number; seal: boolean }) {
  let state = seed;
  const dice = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const name = `model-${seed}-${seal}`;
  const places = ["a", "a/1", "a/2", "b", "#count", "a\uffff", "\uffff\uffff", "é"];
  const model = new Map<string, string>();
  const wrong: string[] = [];
  let store = await window.openIndexedDb(name, { seal });
  const steps = 200;
  for (let step = 0; step < steps; step++) {
    if (dice(20) === 0) {
      await store.close();
      store = await window.openIndexedDb(name, { seal });
    }
    const changes = Array.from({ length: dice(4) }, () => ({
      key: places[dice(places.length)] ?? "",
      value: dice(3) === 0 ? null : `value ${dice(1000)} \u0000 \ud83d\ude00`,
    }));
    const guard =
      dice(2) === 0
        ? { key: "#count", value: dice(2) === 0 ? (model.get("#count") ?? null) : "x" }
        : undefined;
    const passes = !guard || (model.get(guard.key) ?? null) === guard.value;
    if ((await store.batch(changes, guard)) !== passes) wrong.push(`guard at ${step}`);
    if (passes)
      for (const { key, value } of changes) value === null ? model.delete(key) : model.set(key, value);
    const prefix = ["", "a", "a/", "\uffff", "zz"][dice(5)] ?? "";
    const below = [...model].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
    if (JSON.stringify(await store.list(prefix)) !== JSON.stringify(below))
      wrong.push(`list ${prefix} at ${step}`);
    const place = places[dice(places.length)] ?? "";
    if ((await store.get(place)) !== (model.get(place) ?? null)) wrong.push(`get ${place} at ${step}`);
  }
  await store.wipe();
  const left = (await store.list("")).length;
  await store.close();
  return { wrong, steps, left };
}
