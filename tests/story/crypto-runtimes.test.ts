/** The same known answers from every WebCrypto at hand, and what one made at random opened by every other. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Crypto } from "@peculiar/webcrypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeCrypto } from "../../sdk/src/node/crypto.ts";
import { type Answers, conform, openOthers } from "../support/crypto/conformance.ts";
import { bundle, denoRuntime, findNode, programRuntime, type Runtime } from "../support/crypto/runtimes.ts";

const folder = mkdtempSync(path.join(tmpdir(), "trackit-crypto-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here = (name: string, crypto: globalThis.Crypto): Runtime => ({
  name,
  conform: () => conform(crypto),
  openOthers: (others) => openOthers(crypto, others),
});
/** The versions of Node that are not this one. */
const nodes = [20, 22]
  .filter((major) => !process.versions.node.startsWith(`${major}.`))
  .map((major) => ({ major, program: findNode(major) }));
const runtimes: Runtime[] = [
  here(`this Node (${process.version})`, globalThis.crypto),
  here("nodeCrypto", nodeCrypto),
  here("@peculiar/webcrypto", new Crypto()),
  denoRuntime(folder),
  ...nodes.flatMap(({ major, program }) =>
    program ? [programRuntime(`Node ${major}`, program, [], folder)] : [],
  ),
];
const answers = new Map<string, Answers>();

beforeAll(async () => {
  writeFileSync(path.join(folder, "bundle.mjs"), await bundle("esm"));
  // One after the other: each makes RSA keys, which takes a processor.
  for (const runtime of runtimes) answers.set(runtime.name, await runtime.conform());
});

describe.each(runtimes.map((runtime) => [runtime.name, runtime] as const))("%s", (name, runtime) => {
  it("gives every known answer and refuses every weak key and wrong length", () => {
    const { outcomes } = answers.get(name) as Answers;
    expect(Object.keys(outcomes).length).toBe(10);
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== "ok")).toEqual([]);
  });

  it("makes the same bytes of a file as this process", () => {
    expect(answers.get(name)?.file).toBe(answers.get(runtimes[0]?.name ?? "")?.file);
  });

  it("opens what the others sealed, wrapped, signed and linked", async () => {
    const others = [...answers].filter(([other]) => other !== name).map(([other, { made }]) => [other, made]);
    const outcomes = await runtime.openOthers(Object.fromEntries(others));
    expect(outcomes).toEqual(Object.fromEntries(others.map(([other]) => [other, "ok"])));
  });
});

for (const { major, program } of nodes) {
  if (program) continue;
  it(`Node ${major} is not on this machine (NODE_${major} names none): it was not asked in this run`, () => {});
}
