import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { median, round } from "../lib/result.ts";
import type { Answer, Question, Seat } from "./protocol.ts";

/** How something was said, and what came of it. */
export interface Delivered {
  perSecond: number;
  p50: number;
  p99: number;
}

export interface Manner {
  count: number;
  batch: number;
  window: number;
  perSecond?: number;
}

/**
 * The members of one room in three processes: who speaks in one, the others in two. So it is for every server that is
 * measured, since what its clients take of the machine is part of what is compared.
 */
export class Crowd {
  readonly #members: number;
  readonly #processes: { child: ChildProcess; seats: Seat[] }[];

  constructor(seats: readonly Seat[]) {
    const [speaker, ...others] = seats as [Seat, ...Seat[]];
    this.#members = seats.length;
    const half = Math.ceil(others.length / 2);
    this.#processes = [[speaker], others.slice(0, half), others.slice(half)].map((some) => ({
      child: fork(path.join(import.meta.dirname, "clients.ts")),
      seats: some,
    }));
  }

  static async open(seats: readonly Seat[]): Promise<Crowd> {
    const crowd = new Crowd(seats);
    try {
      for (const { child, seats: some } of crowd.#processes) await ask(child, { kind: "open", seats: some });
      return crowd;
    } catch (error) {
      crowd.close();
      throw error;
    }
  }

  /** With the SDK: the first makes the room, the others open it. */
  async meet(members: string[]): Promise<string> {
    let room: string | null = null;
    for (const { child } of this.#processes)
      room = (await ask(child, { kind: "room", room, members })).room ?? null;
    return room ?? "";
  }

  /** The first member speaks; ends when everybody has heard everything. */
  async say(manner: Manner): Promise<Delivered> {
    const heard = this.#processes.map(({ child, seats }) => ({
      child,
      question: { kind: "hear", count: manner.count * seats.length } as const,
    }));
    const [first, ...others] = heard as [(typeof heard)[0], ...typeof heard];
    const { at: began } = await ask(first.child, { kind: "say", ...manner });
    const answers: Answer[] = [];
    for (const { child, question } of [first, ...others]) answers.push(await ask(child, question));
    const seconds = (Math.max(...answers.map(({ at }) => at)) - began) / 1e9;
    const took = answers.flatMap((answer) => answer.took).sort((a, b) => a - b);
    return {
      perSecond: round((manner.count * this.#members) / seconds),
      p50: round(median(took), 2),
      p99: round(took[Math.floor(took.length * 0.99)] ?? 0, 2),
    };
  }

  close(): void {
    for (const { child } of this.#processes) child.kill();
  }
}

/** The longest that anything may take, in milliseconds. */
const CAP = 120_000;

function ask(child: ChildProcess, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (error: Error | null, answer?: Answer) => {
      clearTimeout(late);
      child.off("exit", ended).off("message", heard);
      if (answer) resolve(answer);
      else reject(error);
    };
    const ended = (code: number | null) => end(new Error(`a process of clients ended with ${code}`));
    const heard = (answer: Answer) => (answer.error ? end(new Error(answer.error)) : end(null, answer));
    const late = setTimeout(
      () => end(new Error(`${question.kind} was not done within ${CAP / 1000} seconds`)),
      CAP,
    );
    child.on("exit", ended).on("message", heard);
    child.send(question);
  });
}
