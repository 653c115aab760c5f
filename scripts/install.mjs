// Installs the workspace when node_modules is missing or stale. Uses nothing but Node and npm.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const note = path.join(root, "node_modules", ".trackit-lock");

/** Runs a program with its output visible; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(signal ? 1 : (status ?? 1));
}

/** The file of an installed package, looked up as Node does from `folder`: npm may put it in either node_modules. */
export function packageFile(name, folder = root) {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = path.join(at, "node_modules", ...name.split("/"));
    if (existsSync(file)) return file;
    if (at === root) throw new Error(`cannot find ${name}: run npm ci`);
  }
}

/** Runs a program of an installed package in `folder`, by this Node. */
export function runPackage(bin, args, folder) {
  run(process.execPath, [packageFile(bin, folder), ...args], { cwd: folder });
}

/** Runs `npm ci` unless the lockfile is the one that node_modules was installed from. */
export function install() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`TrackIt needs Node 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  const hash = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(note) && readFileSync(note, "utf8") === hash) return;
  console.log("Installing packages (the first time takes about a minute) …");
  const npm = process.env.npm_execpath;
  const words = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  if (npm?.endsWith(".js")) run(process.execPath, [npm, ...words]);
  else run(process.platform === "win32" ? "npm.cmd" : "npm", words, { shell: process.platform === "win32" });
  writeFileSync(note, hash);
}
