import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import path from "node:path";
import { build } from "esbuild";
import { findChromium } from "../../tests/browser/chromium.ts";
import type { Figure } from "../lib/result.ts";
import { type BenchStack, root } from "../lib/stack.ts";
import { figuresOf, timed } from "./large.ts";
import type { Answer } from "./protocol.ts";
import { family, held } from "./watch.ts";

interface Links {
  warm: string[];
  link: string;
  /** Bytes that the second opens. */
  size: number;
}

/**
 * A stranger's browser opens a link and saves its file into the origin's private file system, which is on the disk.
 * Nothing looks into the browser but from outside: a debugger, by which tests drive it, keeps what it hears of requests.
 */
export async function intoOpfs(stack: BenchStack, folder: string, links: Links): Promise<Figure[]> {
  const executable = findChromium();
  if (!executable) {
    console.error("No Chromium on this machine: files are not saved in a browser");
    return [];
  }
  const page = await servePage(stack);
  // A profile on the disk: one that is forgotten keeps its files in memory.
  const profile = `--user-data-dir=${path.join(folder, "profile")}`;
  const browser = spawn(executable, [...args, profile, page.url], { stdio: "ignore" });
  const ended = once(browser, "exit");
  try {
    const processes = (): number[] => family(browser.pid ?? 0);
    const before: number[] = [];
    for (const link of links.warm) {
      await page.save(link);
      before.push(held(processes()));
    }
    const took = await timed(processes(), before, async () => {
      const size = await page.save(links.link);
      if (size !== links.size) throw new Error(`${size} bytes were saved of ${links.size}`);
    });
    return figuresOf("saved into OPFS by a link, Chromium", took);
  } finally {
    browser.kill();
    await ended;
    page.close();
  }
}

const args = [
  "--headless=new",
  "--no-sandbox",
  "--no-first-run",
  "--disable-gpu",
  "--disable-background-networking",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

interface Page {
  url: string;
  /** @returns how long what was saved is */
  save(link: string): Promise<number>;
  close(): void;
}

/** A page that asks for one link after the other, saves it, and tells. */
async function servePage(stack: BenchStack): Promise<Page> {
  const script = await scriptFor(stack);
  const links: string[] = [];
  let asking: ServerResponse | null = null;
  let hear: (answer: Answer) => void = () => {};
  const tell = (): void => {
    const link = asking && links.shift();
    if (!link) return;
    asking?.end(link);
    asking = null;
  };
  const server = createServer(async (request, response) => {
    if (request.url === "/link") {
      asking = response;
      return tell();
    }
    if (request.url === "/saved") {
      hear(JSON.parse((await request.toArray()).join("")) as Answer);
      return void response.end();
    }
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : "<!doctype html><title>bench</title><script src=/page.js></script>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    save: (link) =>
      new Promise((resolve, reject) => {
        hear = (answer) =>
          "said" in answer ? resolve(Number(answer.said)) : reject(new Error(answer.error));
        links.push(link);
        tell();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function scriptFor(stack: BenchStack): Promise<string> {
  const made = await build({
    entryPoints: [path.join(root, "bench/files/page.ts")],
    bundle: true,
    write: false,
    platform: "browser",
    define: { PROJECT: JSON.stringify({ url: stack.url, key: stack.publishableKey }) },
    logLevel: "silent",
    logOverride: { "empty-import-meta": "silent" },
  });
  return made.outputFiles[0]?.text ?? "";
}
