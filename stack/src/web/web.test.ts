import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Listener } from "../listener.ts";
import { createLog } from "../log.ts";
import { createWeb } from "./index.ts";

const log = createLog(() => {});

describe("the web app's server", () => {
  let folder: string;
  let web: Listener;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "trackit web "));
    const root = join(folder, "dist");
    await mkdir(join(root, "assets"), { recursive: true });
    await writeFile(join(root, "index.html"), "<!doctype html><title>app</title>");
    await writeFile(join(root, "assets", "app-1a2b.js"), "export {};");
    await writeFile(join(root, ".env.json"), "secret");
    await writeFile(join(folder, "outside.json"), "secret");
    await mkdir(join(folder, "dist-next"));
    await writeFile(join(folder, "dist-next", "outside.json"), "secret");
    await symlink(join(folder, "outside.json"), join(root, "link.json"));
    web = await createWeb({ root, port: 0, apiUrl: "http://127.0.0.1:9", key: "sb_publishable_x", log });
  });
  afterAll(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${web.port}${path}`, init);

  /** Sends the path as it stands: `fetch` would tidy `..` away first. */
  const raw = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(web.port, "127.0.0.1", () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      );
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("end", () => resolve(answer)).on("error", reject);
    });

  test("every page address answers with the app, under a strict policy", async () => {
    for (const path of ["/", "/goals", "/auth/confirm?token_hash=x&type=signup"]) {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
      expect(policy).toContain("connect-src 'self' http://127.0.0.1:9 ws://127.0.0.1:9;");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(await response.text()).toContain("<title>app</title>");
    }
  });

  test("the configuration names the API and the publishable key, and is never cached", async () => {
    const response = await get("/config.json");
    expect(await response.json()).toEqual({ url: "http://127.0.0.1:9", key: "sb_publishable_x" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("assets are kept for good; pages are asked again by their tag", async () => {
    const asset = await get("/assets/app-1a2b.js");
    expect(asset.headers.get("cache-control")).toContain("immutable");
    expect(asset.headers.get("content-type")).toContain("text/javascript");
    const tag = (await get("/")).headers.get("etag") ?? "";
    expect((await get("/", { headers: { "if-none-match": tag } })).status).toBe(304);
  });

  test("a missing asset is 404 and never the app's page", async () => {
    expect((await get("/assets/gone.js")).status).toBe(404);
    expect((await get("/missing.png")).status).toBe(404);
  });

  test("eve cannot leave the folder", async () => {
    const paths = [
      "/../outside.json",
      "/..%2foutside.json",
      "/%2e%2e/outside.json",
      "/assets/../../outside.json",
      "/..%5coutside.json",
      "/../dist-next/outside.json",
      "/link.json",
      "/.env.json",
      "/index.html%00.json",
      "/%ff.json",
      "//etc/passwd.json",
    ];
    for (const path of paths) {
      const answer = await raw(path);
      expect(answer.split("\r\n")[0], path).toBe("HTTP/1.1 404 Not Found");
      expect(answer).not.toContain("secret");
    }
  });

  test("writes are refused", async () => {
    const response = await get("/", { method: "POST", body: "x" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("a folder that is not built says how to build it", async () => {
    const empty = createWeb({ root: join(folder, "none"), port: 0, apiUrl: "http://x", key: "k", log });
    await expect(empty).rejects.toThrow("npm run build -w @trackit/web");
  });
});
