import { loadBare } from "./lib/bare.ts";
import { startFlask } from "./lib/flask.ts";
import { connections, load, rounds } from "./lib/load.ts";
import { makePeople } from "./lib/people.ts";
import { createOf } from "./lib/requests.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";
import { scratch, startStack } from "./lib/stack.ts";

const flaskTask = {
  title: "Write the report",
  description: "A sentence of ordinary length about the task.",
  status: "pending",
  deadline: "2030-01-01T12:00:00",
};

/**
 * Creating a task and reading it back, beside Flask's and beside the same SQL without HTTP. Sixteen people
 * create, since the creates of one take turns at their limit; Flask has no limits, and one person.
 */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  const flask = await startFlask(stack);
  try {
    const people = await makePeople(stack, connections);
    const creates = people.map((person) => createOf(stack, person));
    const rest: number[] = [];
    const alone: number[] = [];
    const bare: number[] = [];
    const peer: number[] = [];
    const p50: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const one = await load(stack.url, creates);
      rest.push(one.perSecond);
      p50.push(one.p50);
      alone.push((await load(stack.url, creates.slice(0, 1))).perSecond);
      bare.push(await loadBare(stack, creates, people));
      if (flask) {
        const request = {
          method: "POST",
          path: "/tasks",
          headers: flask.headers,
          body: JSON.stringify(flaskTask),
        };
        peer.push((await load(flask.url, [request])).perSecond);
      }
    }
    const figures: Figure[] = [
      { name: "REST, 16 people", value: median(rest), unit: "requests/s" },
      { name: "REST p50", value: median(p50), unit: "ms" },
      { name: "REST, one person", value: median(alone), unit: "requests/s" },
      { name: "same SQL, role and claims set, no HTTP", value: median(bare), unit: "statements/s" },
      { name: "REST / same SQL", value: round(median(rest) / median(bare), 2), unit: "ratio" },
    ];
    if (flask) {
      figures.push(
        { name: "Flask + SQLAlchemy + gunicorn (2 workers)", value: median(peer), unit: "requests/s" },
        { name: "REST / Flask", value: round(median(rest) / median(peer), 2), unit: "ratio", goal: ">= 1.5" },
      );
    }
    return {
      what: "Create of a task that answers the row, 16 connections, real tokens, policies and triggers on",
      figures,
    };
  } finally {
    await flask?.stop();
    await stack.stop();
    data.remove();
  }
}
