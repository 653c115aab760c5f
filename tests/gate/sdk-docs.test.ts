import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const source = path.join(root, "sdk/src");
const pages = [
  "sdk/README.md",
  "docs/errors.md",
  "docs/chat.md",
  "docs/files.md",
  "docs/live.md",
  "docs/offline.md",
  "docs/keystore.md",
  "docs/sanitization.md",
];
const sources = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.includes(".test.") && !file.includes("database.types"))
  .map((file) => path.join("sdk/src", file));

/** What examples take for granted: a client, somebody's things, and what a form would hold. */
const PRELUDE = `
declare global {
  const trackit: import("@trackit/sdk").TrackIt;
  const goal: import("@trackit/sdk").Goal;
  const task: import("@trackit/sdk").Task;
  const other: { id: string };
  const here: import("@trackit/sdk").Presence<{ page: string }>;
  const id: string, email: string, password: string, factorId: string, url: string, key: string;
  const showBoth: (mine: unknown, theirs: unknown) => void;
  const suggest: (details: unknown) => void;
  const createTrackIt: typeof import("@trackit/sdk").createTrackIt;
  const isTrackItError: typeof import("@trackit/sdk").isTrackItError;
  const uuid7: typeof import("./src/ids/uuid7.ts").uuid7;
  const between: typeof import("./src/position/fractional.ts").between;
  const clean: typeof import("./src/sanitize/clean.ts").clean;
}
export {};
`;
const prelude = path.join(root, "sdk/example-prelude.ts");

interface Example {
  from: string;
  code: string;
}

function examplesIn(file: string): Example[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const plain = file.endsWith(".ts") ? text.replace(/^\s*\* ?/gm, "") : text;
  const found = [...plain.matchAll(/^```ts\n([\s\S]*?)^```/gm)];
  return found.map(([, code = ""], index) => ({ from: `${file} example ${index + 1}`, code }));
}

/** Faults of examples, each as a module of its own, against the sources under the package's name. */
function faultsIn(examples: readonly Example[]): string[] {
  const names = new Map(
    examples.map((example, index) => [path.join(root, `sdk/example-${index}.ts`), example]),
  );
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    paths: {
      "@trackit/sdk": [path.join(source, "index.ts")],
      "@trackit/sdk/auth": [path.join(source, "auth/index.ts")],
      "@trackit/sdk/keystore": [path.join(source, "store/keys/index.ts")],
      "@trackit/sdk/node": [path.join(source, "node/index.ts")],
      "@trackit/sdk/sanitize": [path.join(source, "sanitize/index.ts")],
      "@trackit/sdk/schema": [path.join(source, "schema/index.ts")],
    },
  };
  const host = ts.createCompilerHost(options);
  const read = host.readFile;
  const exists = host.fileExists;
  host.fileExists = (name) => name === prelude || names.has(name) || exists(name);
  host.readFile = (name) => {
    if (name === prelude) return PRELUDE;
    const example = names.get(name);
    return example ? `${example.code}\nexport {};\n` : read(name);
  };
  const program = ts.createProgram([prelude, ...names.keys()], options, host);
  return [...names].flatMap(([name, example]) => {
    const file = program.getSourceFile(name);
    return ts.getPreEmitDiagnostics(program, file).map((fault) => {
      return `${example.from}: ${ts.flattenDiagnosticMessageText(fault.messageText, "\n")}`;
    });
  });
}

describe("what the documentation shows", () => {
  it("compiles, in the pages and in every comment", () => {
    const examples = [...pages, ...sources].flatMap(examplesIn);
    expect(examples.length).toBeGreaterThan(50);
    expect(faultsIn(examples)).toEqual([]);
  });

  it("would be told if it did not", () => {
    expect(faultsIn([{ from: "probe", code: 'await trackit.goals.create({ titel: "x" });' }])).toHaveLength(
      1,
    );
  });
});

describe("every public verb", () => {
  const nouns = [
    "Auth",
    "Sessions",
    "Totp",
    "Profiles",
    "Goals",
    "Tasks",
    "Activities",
    "Limits",
    "Outbox",
    "LiveConnection",
    "Presence",
    "Devices",
    "Recovery",
    "Rooms",
    "Room",
    "Files",
    "Folders",
    "Shares",
    "TrackIt",
  ];

  it.each(nouns)("of %s says what it does, what it throws, and shows an example", (noun) => {
    const file = sources.find((name) =>
      new RegExp(`^export interface ${noun}[ <]`, "m").test(readFileSync(path.join(root, name), "utf8")),
    );
    const text = readFileSync(path.join(root, file ?? ""), "utf8");
    const tree = ts.createSourceFile("x.ts", text, ts.ScriptTarget.ES2022, true);
    const found = tree.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === noun);
    const verbs = found && ts.isInterfaceDeclaration(found) ? found.members.filter(ts.isMethodSignature) : [];
    expect(verbs.length).toBeGreaterThan(0);
    for (const verb of verbs) {
      const name = `${noun}.${verb.name.getText()}`;
      const tags = ts.getJSDocTags(verb).map((tag) => tag.tagName.text);
      const needed = ["TrackIt.close", "Auth.onChange"].includes(name) ? [] : ["throws", "example"];
      expect(`${name}: ${needed.filter((tag) => !tags.includes(tag)).join(" ")}`).toBe(`${name}: `);
    }
  });
});
