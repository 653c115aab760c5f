// npm test: every rung of the ladder, cheapest first, with one closing line. `--long` runs what takes long
// instead; words name single rungs: `npm test -- unit gate`.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { install, packageFile, root } from "./install.mjs";

const tsc = (folder) => ({ name: `types ${folder}`, bin: "typescript/bin/tsc", args: ["-p", folder] });
const vitest = (project) => ({ name: project, project });

const rungs = [
  {
    name: "format and lint",
    bin: "@biomejs/biome/bin/biome",
    args: ["check", "--error-on-warnings", "."],
  },
  ...["sdk", "stack", "examples/web", "examples/node", "tests", "bench"].map(tsc),
  ...["unit", "sql", "story", "gate", "browser"].map(vitest),
];
const long = [vitest("long")];

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith("-"));
const all = words.includes("--long") ? long : rungs;
const chosen =
  wanted.length > 0 ? all.filter(({ name }) => wanted.some((word) => name.startsWith(word))) : all;

install();
build();

const reports = path.join(root, ".tmp", "reports");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
const red = [];
const failures = [];
const began = Date.now();
for (const rung of chosen) {
  const start = Date.now();
  console.log(`\n── ${rung.name} ──`);
  const result = rung.project ? runVitest(rung.project) : runCheck(rung);
  for (const key of Object.keys(total)) total[key] += result[key];
  if (result.failed > 0) red.push(rung.name);
  console.log(`   ${rung.name}: ${result.passed} passed, ${result.failed} failed, ${seconds(start)} s`);
}
if (red.length > 0) console.log(`\nFailed: ${red.join(", ")}`);
// Once more at the end, where whoever reads only the last lines of a log finds the cause.
for (const failure of failures) console.log(`\n${failure}`);
console.log(`\nDone in ${seconds(began)} s`);
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function seconds(since) {
  return Math.round((Date.now() - since) / 1000);
}

function node(bin, args) {
  return spawnSync(process.execPath, [packageFile(bin), ...args], { cwd: root, stdio: "inherit" }).status;
}

function runCheck({ bin, args }) {
  const ok = node(bin, args) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function runVitest(project) {
  const file = path.join(reports, `${project}.json`);
  const report = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const status = node("vitest/vitest.mjs", ["run", `--project=${project}`, ...report]);
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, testResults = [] } = readReport(file);
  failures.push(...testResults.flatMap(failuresOf));
  // A file that does not load, or a hook that throws, fails the run without a failed test.
  const failed = numFailedTests === 0 && status !== 0 ? 1 : numFailedTests;
  return { passed: numPassedTests, failed, skipped: numPendingTests };
}

function failuresOf({ name, status, message, assertionResults }) {
  const file = path.relative(root, name);
  const failed = assertionResults.filter((result) => result.status === "failed");
  if (failed.length === 0) return status === "failed" ? [`✗ ${file}\n${brief(message)}`] : [];
  return failed.map(
    ({ fullName, failureMessages }) => `✗ ${file} › ${fullName}\n${brief(failureMessages.join("\n"))}`,
  );
}

function brief(message = "") {
  return message
    .split("\n")
    .slice(0, 15)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
