/** The known answers of the encryption from a real browser, under the app's policy. */
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answers, conform, openOthers } from "../support/crypto/conformance.ts";
import type { Objects } from "../support/crypto/exchange.ts";
import { bundle } from "../support/crypto/runtimes.ts";
import { findChromium, missing } from "./chromium.ts";

const executable = findChromium();
/** WebAssembly for Argon2id, and no eval. */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

/** What the page offers, once the bundle is loaded. */
declare const conformance: {
  conform(crypto: Crypto): Promise<Answers>;
  openOthers(crypto: Crypto, others: Record<string, Objects>): Promise<Record<string, string>>;
};

/** A page without a server; https, since other pages have no `crypto.subtle`. */
async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  const script = await bundle("iife");
  const headers = { "content-security-policy": policy };
  await page.route("**", (route) =>
    route.request().url().endsWith("/bundle.js")
      ? route.fulfill({ contentType: "text/javascript", body: script })
      : route.fulfill({
          contentType: "text/html",
          headers,
          body: "<!doctype html><script src=/bundle.js></script>",
        }),
  );
  await page.goto("https://crypto.invalid/");
  return page;
}

if (executable === null) {
  console.warn(missing);
  test(`the encryption in a real browser (${missing})`, (context) => context.skip(missing));
} else {
  describe("the encryption in Chromium", () => {
    let browser: Browser;
    let page: Page;
    let chromiums: Answers;
    let nodes: Answers;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
      page = await openPage(browser);
      chromiums = await page.evaluate(() => conformance.conform(crypto));
      nodes = await conform(globalThis.crypto);
    });
    afterAll(() => browser?.close());

    test("gives every known answer, refuses every weak key and wrong length, and lets no key out", () => {
      expect(Object.keys(chromiums.outcomes)).toEqual(Object.keys(nodes.outcomes));
      expect(Object.entries(chromiums.outcomes).filter(([, outcome]) => outcome !== "ok")).toEqual([]);
    });

    test("makes the same bytes of a file as Node", () => {
      expect(chromiums.file).toBe(nodes.file);
    });

    test("opens what Node sealed, wrapped, signed and linked, and Node what Chromium did", async () => {
      const opened = await page.evaluate(
        (made) => conformance.openOthers(crypto, { node: made }),
        nodes.made,
      );
      expect(opened).toEqual({ node: "ok" });
      expect(await openOthers(globalThis.crypto, { chromium: chromiums.made })).toEqual({ chromium: "ok" });
    });
  });
}
