/** What a real browser makes of cleaned text that a careless page inserts as HTML; and of the same text uncleaned. */
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sanitizeText } from "../../sdk/src/sanitize/index.ts";
import { harmless, inert, naughty, payloads } from "../support/corpus.ts";
import { findChromium, missing } from "./chromium.ts";

const executable = findChromium();

/** Pages without a server: whatever they ask for is refused before it leaves the browser. */
async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.route("**", (route) =>
    route.request().isNavigationRequest() && route.request().frame() === page.mainFrame()
      ? route.fulfill({ contentType: "text/html", body: "<!doctype html><p id=sentinel>untouched</p>" })
      : route.abort(),
  );
  await page.goto("http://sanitize.invalid/");
  return page;
}

interface Outcome {
  /** Element, attribute or frame that came of a text: `table: <img>`. */
  made: string[];
  fired: number;
  sentinel: string;
}

/** Runs in the page: puts each text into each kind of place by innerHTML, and lets what would run, run. */
async function insertAll(texts: readonly string[]): Promise<Outcome> {
  const made: string[] = [];
  let fired = 0;
  Object.assign(window, { fire: () => fired++ });
  const places: Record<string, [shell: string, selector: string]> = {
    div: ["<div></div>", "div"],
    textarea: ["<textarea></textarea>", "textarea"],
    title: ["<title></title>", "title"],
    table: ["<table></table>", "table"],
    cell: ["<table><tr><td></td></tr></table>", "td"],
    select: ["<select></select>", "select"],
    svg: ["<svg><g></g></svg>", "g"],
    "svg title": ["<svg><title></title></svg>", "svg title"],
    math: ["<math><mi></mi></math>", "mi"],
    style: ["<style></style>", "style"],
    noscript: ["<noscript></noscript>", "noscript"],
    template: ["<template></template>", "template"],
  };
  for (const [name, [shell, selector]] of Object.entries(places)) {
    for (const text of texts) {
      const host = document.body.appendChild(document.createElement("section"));
      host.innerHTML = shell;
      const place = host.querySelector(selector);
      if (!place) throw new Error(`no ${selector}`);
      place.innerHTML = text;
      const inner = place instanceof HTMLTemplateElement ? place.content : place;
      for (const child of inner.querySelectorAll("*")) made.push(`${name}: <${child.localName}> of ${text}`);
      // And once more as it is written out, which is where markup mutates.
      const before = host.querySelectorAll("*").length;
      host.innerHTML = String(host.innerHTML);
      if (host.querySelectorAll("*").length !== before) made.push(`${name}: another element of ${text}`);
      host.remove();
    }
  }
  // Between quotes of an attribute, written out and read again by the browser itself.
  for (const text of texts) {
    const host = document.createElement("section");
    host.appendChild(document.createElement("p")).title = text;
    host.innerHTML = String(host.innerHTML);
    const [only] = host.children;
    if (host.children.length !== 1 || only?.attributes.length !== 1) made.push(`attribute: ${text}`);
  }
  // Errors of images come in the order of the images: this one's is the last.
  await new Promise((resolve) => {
    const last = document.body.appendChild(document.createElement("img"));
    last.onerror = resolve;
    last.src = "last";
  });
  return { made, fired, sentinel: document.querySelector("#sentinel")?.outerHTML ?? "gone" };
}

/** Runs in the page: each text in a frame of its own, so that none disturbs the next; resolves when `enough` ran. */
function fireAll({ texts, enough }: { texts: readonly string[]; enough: number }): Promise<number> {
  return new Promise((resolve) => {
    const fired = new Set<string>();
    for (const text of texts) {
      const frame = document.body.appendChild(document.createElement("iframe"));
      const inner = frame.contentWindow;
      const body = frame.contentDocument?.body;
      if (!inner || !body) throw new Error("no frame");
      Object.assign(inner, {
        fire: () => {
          fired.add(text);
          if (fired.size >= enough) resolve(fired.size);
        },
      });
      body.innerHTML = text;
    }
  });
}

if (executable === null) {
  console.warn(missing);
  test(`cleaned text in a real browser (${missing})`, (context) => context.skip(missing));
} else {
  describe("in a real browser", () => {
    let browser: Browser;
    beforeAll(async () => {
      const args = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"];
      browser = await chromium.launch({ executablePath: executable, args });
    });
    afterAll(() => browser?.close());

    const raw = [...payloads, ...inert]
      .map(({ text }) => text)
      .concat(
        harmless.map(({ given }) => given),
        naughty,
      );

    test("a thousand cleaned texts, inserted as HTML into every kind of place, make no element and run nothing", async () => {
      const page = await openPage(browser);
      const outcome = await page.evaluate(
        insertAll,
        raw.map((text) => sanitizeText(text).text),
      );
      expect(raw.length).toBeGreaterThan(1000);
      expect(outcome).toEqual({ made: [], fired: 0, sentinel: '<p id="sentinel">untouched</p>' });
      await page.close();
    });

    test("one of them uncleaned would have been seen", async () => {
      const page = await openPage(browser);
      const { made, fired } = await page.evaluate(insertAll, ["a < b", "<img src=y onerror=fire()>"]);
      expect(made).toContain("div: <img> of <img src=y onerror=fire()>");
      expect(fired).toBeGreaterThan(0);
      await page.close();
    });

    test("a hundred of the same texts run when they are inserted uncleaned", async () => {
      const page = await openPage(browser);
      const texts = payloads.map(({ text }) => text);
      expect(await page.evaluate(fireAll, { texts, enough: 100 })).toBe(100);
      await page.close();
    });
  });
}
