// Completes package-lock.json with the binaries of other platforms. npm leaves out an optional package whose
// metadata it cannot read when it writes the lockfile, and `npm ci` then refuses that lockfile on every machine.
// `--check` changes nothing and fails when something is missing. Run after every `npm install`.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./install.mjs";

const systems = {
  darwin: "darwin",
  linux: "linux",
  windows: "win32",
  win32: "win32",
  android: "android",
  freebsd: "freebsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
};
const processors = ["arm64", "x64", "ia32", "arm", "ppc64", "riscv64", "s390x", "loong64"];

const file = path.join(root, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const missing = Object.entries(lock.packages).flatMap(([parent, entry]) => missingOf(parent, entry));

if (missing.length === 0) console.log("package-lock.json names the binaries of every platform");
else if (process.argv.includes("--check")) {
  console.error(
    `package-lock.json lacks ${missing.map(([name]) => name).join(", ")}: run node scripts/lockfile.mjs`,
  );
  process.exitCode = 1;
} else {
  lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...missing].sort(byName));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: added ${missing.length} platform packages`);
}

function missingOf(parent, entry) {
  if (entry.link) return [];
  return Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !entry.peerDependenciesMeta?.[name] && !isLocked(parent, name))
    .map(([name, range]) => [`node_modules/${name}`, describe(name, range.replace(/^[\^~]/, ""), entry)]);
}

/** Looks where Node looks: beside the parent, then outwards. */
function isLocked(parent, name) {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${at}${at ? "/" : ""}node_modules/${name}`]) return true;
    if (at === "" || !at.includes("node_modules")) return Boolean(lock.packages[`node_modules/${name}`]);
  }
}

function describe(name, version, parent) {
  const words = name.split("/").pop().split(/[-_]/);
  const os = words.map((word) => systems[word]).find(Boolean);
  const cpu = words.map((word) => processors.find((one) => word === one)).find(Boolean);
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => /^(gnu|glibc)/.test(word))
      ? "glibc"
      : null;
  return {
    version,
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(parent.dev ? { dev: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    ...(parent.license ? { license: parent.license } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  };
}

function byName([a], [b]) {
  return a.localeCompare(b, "en");
}
