// Builds what is stale: the SDK, the stack and the web app. `node scripts/build.mjs --force` builds all.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { install, root, runPackage } from "./install.mjs";

const parts = [
  { name: "SDK", folder: "sdk", bin: "tsup/dist/cli-default.js", args: ["--silent"] },
  { name: "stack", folder: "stack", bin: "tsup/dist/cli-default.js", args: ["--silent"] },
  // The web app contains the built SDK.
  {
    name: "web app",
    folder: "examples/web",
    needs: ["sdk"],
    bin: "vite/bin/vite.js",
    args: ["build", "--logLevel", "warn"],
  },
];

/** Builds each part whose sources differ from those of its last build. */
export function build({ force = false, only = parts.map((part) => part.folder) } = {}) {
  for (const part of parts.filter((one) => only.includes(one.folder))) {
    const note = path.join(root, part.folder, "dist", ".sources");
    const now = fingerprint([part.folder, ...(part.needs ?? [])]);
    if (!force && existsSync(note) && readFileSync(note, "utf8") === now) continue;
    console.log(`Building the ${part.name} …`);
    runPackage(part.bin, part.args, path.join(root, part.folder));
    writeFileSync(note, now);
  }
}

function fingerprint(folders) {
  const hash = createHash("sha256").update(readFileSync(path.join(root, "package-lock.json")));
  for (const file of folders.flatMap((folder) => sources(path.join(root, folder)))) {
    hash.update(path.relative(root, file)).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && name !== "dist" && !name.includes(".test."))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return sources(full);
      return entry.isFile() ? [full] : [];
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install();
  build({ force: process.argv.includes("--force") });
}
