import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import type { OpenedShare, TrackIt } from "../../sdk/src/index.ts";
import { findChromium } from "../../tests/browser/chromium.ts";
import type { Figure } from "../lib/result.ts";
import { type BenchStack, root } from "../lib/stack.ts";
import { figuresOf, timed } from "./large.ts";
import { family, held } from "./watch.ts";

declare const trackit: TrackIt;

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

interface Links {
  warm: string[];
  link: string;
  /** Bytes that the second opens. */
  size: number;
}

/** A stranger's browser opens a link and saves its file into the origin's private file system, which is on the disk. */
export async function intoOpfs(stack: BenchStack, folder: string, links: Links): Promise<Figure[]> {
  const executablePath = findChromium();
  if (!executablePath) {
    console.error("No Chromium on this machine: files are not saved in a browser");
    return [];
  }
  const page = await servePage(stack);
  // A profile on the disk: one that is forgotten keeps its files in memory.
  const profile = path.join(folder, "profile");
  const context = await chromium.launchPersistentContext(profile, { executablePath, args });
  try {
    const tab = await context.newPage();
    await tab.goto(page.url);
    const browser = processOf(profile);
    const before: number[] = [];
    for (const link of links.warm) {
      await save(tab, link);
      before.push(held(family(browser)));
    }
    const took = await timed(family(browser), before, async () => {
      const size = await save(tab, links.link);
      if (size !== links.size) throw new Error(`${size} bytes were saved of ${links.size}`);
    });
    return figuresOf("saved into OPFS by a link, Chromium", took);
  } finally {
    await context.close();
    page.close();
  }
}

/** @returns how long what was saved is */
const save = (tab: Page, link: string): Promise<number> =>
  tab.evaluate(async (address) => {
    const opened: OpenedShare = await trackit.shares.open(address);
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle("bench.bin", { create: true });
    await opened.save(await file.createWritable());
    const { size } = await file.getFile();
    return size;
  }, link);

/** The browser's first process: the one that was given this profile. */
function processOf(profile: string): number {
  const found = family(process.pid).find((pid) => argsOf(pid).includes(`--user-data-dir=${profile}`));
  if (found === undefined) throw new Error("the browser has no process below this one");
  return found;
}

function argsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // It has ended.
  }
}

async function servePage(stack: BenchStack): Promise<{ url: string; close(): void }> {
  const entry = path.join(root, "sdk/src/index.ts");
  const made = await build({
    ...{
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "sdk",
      platform: "browser",
    },
    ...{ logLevel: "silent", logOverride: { "empty-import-meta": "silent" } },
  });
  const options = JSON.stringify({ url: stack.url, key: stack.publishableKey });
  const script = `${made.outputFiles[0]?.text}\nglobalThis.trackit = sdk.createTrackIt(${options});`;
  const server = createServer((request, response) => {
    const isScript = request.url === "/sdk.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : "<!doctype html><title>bench</title><script src=/sdk.js></script>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}
