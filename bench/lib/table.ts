import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Figure, reaches } from "./result.ts";

interface Written {
  name: string;
  date: string;
  commit: string;
  machine: { cores: number; cpu: string; memoryGiB: number; system: string; node: string };
  figures: Figure[];
}

const folder = path.join(import.meta.dirname, "..");
const between = /(<!-- results -->\n).*?(<!-- \/results -->)/s;

/** Writes the kept results into the table of `bench/README.md`. */
export function writeTable(): void {
  const results = path.join(folder, "results");
  const files = existsSync(results) ? readdirSync(results).filter((name) => name.endsWith(".json")) : [];
  const kept = files
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(results, name), "utf8")) as Written);
  const readme = path.join(folder, "README.md");
  const table = [
    ...kept.flatMap(origin),
    "| figure | value | goal |",
    "|---|---|---|",
    ...kept.flatMap(lines),
  ];
  const text = readFileSync(readme, "utf8").replace(between, `$1${table.join("\n")}\n$2`);
  writeFileSync(readme, text);
}

/** Machine and commit once, from the first of the results. */
function origin({ machine, date, commit }: Written, place: number): string[] {
  if (place > 0) return [];
  const { cores, cpu, memoryGiB, system, node } = machine;
  return [
    `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node}; ${date.slice(0, 10)}, ${commit}.`,
    "",
  ];
}

function lines({ name, figures }: Written): string[] {
  const rows = figures.map((figure) => {
    const reached = reaches(figure);
    const goal = reached === null ? "" : `${figure.goal}, ${reached ? "reached" : "missed"}`;
    return `| ${figure.name} | ${figure.value.toLocaleString("en")} ${figure.unit} | ${goal} |`;
  });
  return [`| **${name}** | | |`, ...rows];
}
