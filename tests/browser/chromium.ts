import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

const usual = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const inCache = [
  "chrome-linux64/chrome",
  "chrome-linux/chrome",
  "chrome-headless-shell-linux64/chrome-headless-shell",
  "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
];

/** Said where the browser tests cannot run: what is missing, and what would bring it. */
export const missing =
  "no Chromium on this machine: set CHROMIUM_PATH, or `apt-get install chromium`, to run the browser tests";

/** The Chromium of CHROMIUM_PATH, of the system, or of Playwright's cache; null where there is none. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH;
  // A path that somebody gave on purpose and that leads nowhere is a mistake, not a machine without a browser.
  if (named && !existsSync(named)) throw new Error(`CHROMIUM_PATH is ${named}: no such file`);
  return named ?? [...usual, ...cached()].find((file) => existsSync(file)) ?? null;
}

function cached(): string[] {
  const folder = process.env.PLAYWRIGHT_BROWSERS_PATH ?? path.join(homedir(), ".cache", "ms-playwright");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith("chromium"))
    .flatMap((name) => inCache.map((file) => path.join(folder, name, file)));
}
