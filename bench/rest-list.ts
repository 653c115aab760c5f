import { loadBare } from "./lib/bare.ts";
import { startFlask } from "./lib/flask.ts";
import { load, rounds } from "./lib/load.ts";
import { giveTasks, makePeople } from "./lib/people.ts";
import { listOf } from "./lib/requests.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

/** A list of 20 tasks over HTTP, beside Flask's and beside the same SQL without HTTP. */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  const flask = await startFlask(stack);
  try {
    const people = await makePeople(stack, 1);
    const [ada] = people;
    if (!ada) throw new Error("Nobody was made");
    await giveTasks(stack, [ada.id], 20);
    const list = listOf(stack, ada);
    if (flask) await fillFlask(flask.url, flask.headers);
    const rest: number[] = [];
    const peer: number[] = [];
    const bare: number[] = [];
    const p50: number[] = [];
    const p99: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const one = await load(stack.url, [list]);
      rest.push(one.perSecond);
      p50.push(one.p50);
      p99.push(one.p99);
      bare.push(await loadBare(stack, [list], people));
      if (flask) {
        const { headers } = flask;
        peer.push((await load(flask.url, [{ method: "GET", path: "/tasks", headers }])).perSecond);
      }
    }
    const figures: Figure[] = [
      { name: "REST", value: median(rest), unit: "requests/s" },
      { name: "REST p50", value: median(p50), unit: "ms" },
      { name: "REST p99", value: median(p99), unit: "ms" },
      { name: "same SQL, role and claims set, no HTTP", value: median(bare), unit: "statements/s" },
      { name: "REST / same SQL", value: round(median(rest) / median(bare), 2), unit: "ratio" },
    ];
    if (flask) {
      figures.push(
        { name: "Flask + SQLAlchemy + gunicorn (2 workers)", value: median(peer), unit: "requests/s" },
        { name: "REST / Flask", value: round(median(rest) / median(peer), 2), unit: "ratio", goal: ">= 1.0" },
      );
    }
    return { what: "List of one user's 20 tasks, 16 connections, real token, policies on", figures };
  } finally {
    await flask?.stop();
    await stack.stop();
    data.remove();
  }
}

async function fillFlask(url: string, headers: Record<string, string>): Promise<void> {
  for (let number = 1; number <= 20; number++) {
    const body = {
      title: `Write the report ${number}`,
      description: "A sentence of ordinary length about the task.",
      deadline: "2030-01-01T12:00:00",
    };
    await (
      await fetch(`${url}/tasks`, { method: "POST", headers, body: JSON.stringify(body) })
    ).arrayBuffer();
  }
}
