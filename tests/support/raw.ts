import { expect } from "vitest";
import { type Received, refusal } from "./http.ts";
import { as, type Person } from "./people.ts";
import type { TestStack } from "./stack.ts";

/** What a person can send to REST without any SDK. */
export interface RawClient {
  send(method: string, path: string, body: unknown, headers?: Record<string, string>): Promise<Received>;
  /** All rows of goals, tasks and profiles, whoever's they are. */
  everything(): Promise<unknown>;
  /** Sends a body that must be refused, and sees to it that nothing is written. */
  expectRefused(code: string, ...request: Parameters<RawClient["send"]>): Promise<void>;
}

export function rawClient(stack: TestStack, person: Person): RawClient {
  const raw: RawClient = {
    send: (method, path, body, headers = {}) =>
      stack.send({ method, path: `/rest/v1/${path}`, headers: { ...as(stack, person), ...headers }, body }),
    async everything() {
      const { rows } = await stack.db.query(
        `select (select json_agg(g order by id) from public.goals g) as goals,
           (select json_agg(t order by id) from public.tasks t) as tasks,
           (select json_agg(p order by id) from public.profiles p) as profiles`,
      );
      return rows;
    },
    async expectRefused(code, ...request) {
      const before = await raw.everything();
      expect(refusal(await raw.send(...request))).toBe(code);
      expect(await raw.everything()).toEqual(before);
    },
  };
  return raw;
}
