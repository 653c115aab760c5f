import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

interface Manifest {
  name?: string;
  license?: string | { type: string };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

interface Lock {
  packages: Record<
    string,
    Manifest & { version?: string; dev?: boolean; optional?: boolean; resolved?: string; link?: boolean }
  >;
}

const manifests = [
  "package.json",
  "sdk/package.json",
  "stack/package.json",
  "examples/web/package.json",
  "examples/node/package.json",
];
const lock = JSON.parse(read("package-lock.json")) as Lock;

/** `postgres` is dedicated to the public domain; MIT-0 and 0BSD are MIT and BSD without their condition. */
const allowed = new Set([
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "MPL-2.0",
  "PostgreSQL",
  "MIT-0",
  "0BSD",
  "Unlicense",
]);

/** LGPL is accepted for the optional sharp alone: libvips is a library beside it that anyone may replace. */
const isLibvips = (name: string) => /^node_modules\/@img\/sharp-(?:libvips|win32|wasm32)/.test(name);

/** Whether an SPDX expression can be met with allowed licences alone. */
function isAllowed(expression: string): boolean {
  const words = expression.replace(/[()]/g, "");
  return words
    .split(/ OR /i)
    .some((choice) => choice.split(/ AND /i).every((one) => allowed.has(one.trim())));
}

const licenceOf = ({ license }: Manifest) => (typeof license === "string" ? license : (license?.type ?? ""));

describe("dependencies", () => {
  it("every direct dependency is pinned and has its line in docs/dependencies.md", () => {
    // The table's columns are aligned with spaces.
    const page = read("docs/dependencies.md").replace(/ +/g, " ");
    const wrong = manifests.flatMap((file) => {
      const manifest = JSON.parse(read(file)) as Manifest;
      const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
      return Object.entries(all)
        .filter(([name]) => !name.startsWith("@trackit/"))
        .filter(([name, version]) => {
          const pinned = version.replace(/^npm:.*@/, "");
          return !/^\d/.test(pinned) || !page.includes(`| ${name} | ${pinned} |`);
        })
        .map(([name, version]) => `${file}: ${name} ${version}`);
    });
    expect(wrong).toEqual([]);
  });

  it("everything that a user installs has a licence we may ship with", () => {
    const shipped = Object.entries(lock.packages).filter(
      ([name, { dev, link }]) => name.startsWith("node_modules/") && !dev && !link,
    );
    expect(shipped.length).toBeGreaterThan(30);
    const wrong = shipped.flatMap(([name, locked]) => {
      const file = path.join(root, name, "package.json");
      const licence =
        licenceOf(locked) ||
        (existsSync(file) ? licenceOf(JSON.parse(readFileSync(file, "utf8")) as Manifest) : "");
      if (isLibvips(name)) return locked.optional ? [] : [`${name}: not optional`];
      return isAllowed(licence) ? [] : [`${name}: ${licence || "no licence"}`];
    });
    expect(wrong).toEqual([]);
  });

  it("the lockfile names no host but the public registry's", () => {
    const hosts = Object.values(lock.packages).flatMap(
      ({ resolved }) => /^https?:\/\/([^/]+)/.exec(resolved ?? "")?.[1] ?? [],
    );
    expect([...new Set(hosts)].filter((host) => host !== "registry.npmjs.org")).toEqual([]);
  });

  it("the lockfile names the binaries of every platform, without which npm ci refuses it", () => {
    const { packages } = lock;
    const missing = Object.entries(packages).flatMap(([parent, { link, optionalDependencies }]) =>
      link
        ? []
        : Object.keys(optionalDependencies ?? {}).filter(
            (name) => !packages[`node_modules/${name}`] && !packages[`${parent}/node_modules/${name}`],
          ),
    );
    expect(missing).toEqual([]);
  });
});
