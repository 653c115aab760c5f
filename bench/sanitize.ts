import { createRequire } from "node:module";
import path from "node:path";
import { sanitizeJson, sanitizeText } from "../sdk/src/sanitize/index.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";

const mega = 2 ** 20;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const milliseconds = Number(process.env.BENCH_SECONDS ?? 10) * 100;

const prose =
  "Ada runs ten kilometres before work and writes down how it went; if a < b, she rests for a day. 5 > 3 & so on.\n";
const accented = "São Paulo às três: José corre 10 km 😀, 你好, مرحبا بكم، не спешит — «до завтра».\n";
const page =
  '<div class="post"><h2 id=a>Title</h2><p style="color:red">Some <b>bold</b> text &amp; a <a href="https://example.org/x?y=z">link</a>.</p>' +
  "<script>track({ page: 1, when: Date.now() });</script><ul><li>one</li><li>two</li></ul><!-- note --><svg><path d='M0 0'/></svg></div>\n";

/** Texts of about four kilobytes, a megabyte in all. */
const texts = (piece: string) => {
  const text = piece.repeat(Math.ceil(4096 / piece.length));
  return Array.from({ length: Math.ceil(mega / Buffer.byteLength(text)) }, () => text);
};

const workloads: Record<string, string[]> = {
  prose: texts(prose),
  "accents and emoji": texts(accented),
  "HTML with scripts": texts(page),
};

/** What an attacker would send: a megabyte that is slow to read, as one text. */
const worst: Record<string, string> = {
  "start tags": "<object>".repeat(mega / 8),
  attributes: `<svg ${Array.from({ length: mega / 7 }, (_, at) => `a${at.toString(36)}`).join(" ")}></svg>`,
  "unclosed scripts": "<script><style><iframe>".repeat(mega / 23),
  references: `<svg>${"&CounterClockwiseContourIntegra".repeat(mega / 31)}</svg>`,
};

type Clean = (text: string) => unknown;

interface Peers {
  "js-xss"?: Clean;
  "sanitize-html"?: Clean;
}

/** The peers that are installed; they give out HTML where the sanitizer gives out text. */
function loadPeers(): Peers {
  const folder = path.join(import.meta.dirname, "peers", "sanitizers");
  const load = createRequire(path.join(folder, "package.json"));
  try {
    const xss = load("xss") as { filterXSS: Clean };
    const sanitizeHtml = load("sanitize-html") as Clean;
    return { "js-xss": (text) => xss.filterXSS(text), "sanitize-html": (text) => sanitizeHtml(text) };
  } catch {
    console.log("js-xss and sanitize-html are not measured (npm install --prefix bench/peers/sanitizers)");
    return {};
  }
}

/** Megabytes a second: as many whole runs as fit into the time, the median of the rounds. */
function speed(bytes: number, run: () => void): number {
  const rates = Array.from({ length: rounds }, () => {
    const start = performance.now();
    let runs = 0;
    while (performance.now() - start < milliseconds) {
      run();
      runs++;
    }
    return (bytes * runs) / mega / ((performance.now() - start) / 1000);
  });
  return round(median(rates), 1);
}

function textFigures(): Figure[] {
  const cleaners: Record<string, Clean> = { sanitizer: sanitizeText, ...loadPeers() };
  return Object.entries(workloads).flatMap(([what, list]) => {
    const bytes = list.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return Object.entries(cleaners).map(([name, clean]) => ({
      name: `${what}, ${name}`,
      value: speed(bytes, () => {
        for (const text of list) clean(text);
      }),
      unit: "MB/s",
    }));
  });
}

function jsonFigure(): Figure {
  const goals = Array.from({ length: 5000 }, (_, at) => ({
    id: `goal-${at}`,
    title: "Run a marathon",
    tags: ["sport", "são", "a < b"],
    custom: { colour: "teal", icon: "<3", done: false, weight: at },
  }));
  const bytes = Buffer.byteLength(JSON.stringify(goals));
  const value = speed(bytes, () => sanitizeJson(goals));
  return { name: "JSON of many small texts, sanitizer", value, unit: "MB/s" };
}

function worstFigures(): Figure[] {
  return Object.entries(worst).map(([what, text]) => {
    const times = Array.from({ length: rounds }, () => {
      const start = performance.now();
      sanitizeText(text);
      return performance.now() - start;
    });
    // A hosted function has two seconds of processor time, and takes a megabyte.
    return { name: `1 MiB of ${what}`, value: round(median(times)), unit: "ms", goal: "<= 1000" };
  });
}

/** Megabytes a second on text that is none, on some HTML, on JSON, and at its worst. */
export async function run(): Promise<Result> {
  return {
    what: "Cleaning text and JSON, on one core; peers that are HTML filters beside it",
    figures: [...textFigures(), jsonFigure(), ...worstFigures()],
  };
}
