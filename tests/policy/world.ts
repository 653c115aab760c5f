import {
  as,
  asAnon,
  asService,
  type Cast,
  createStranger,
  openCast,
  type Person,
} from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";
import type { Caller } from "./expectations.ts";

/** A stack with the cast in it, whose clock stands still. */
export interface World {
  stack: TestStack;
  cast: Cast;
  close(): Promise<void>;
}

export async function openWorld(options: Parameters<typeof openStack>[0] = {}): Promise<World> {
  const stack = await openStack(options);
  // What is compared before and after a request shall be changed by that request alone.
  await stack.db.query("update private.schedules set enabled = false");
  const cast = await openCast(stack);
  return { stack, cast, close: () => stack.close() };
}

/** The person behind a caller; null for a bare key. */
export function personOf({ cast }: World, caller: Caller): Person | null {
  return caller === "anon" || caller === "service" ? null : cast[caller];
}

export function headersOf(world: World, caller: Caller): Record<string, string> {
  const person = personOf(world, caller);
  if (person) return as(world.stack, person);
  return caller === "service" ? asService(world.stack) : asAnon(world.stack);
}

/** Whose row a caller acts on: their own, or that of somebody made for the occasion. */
export async function ownerFor(world: World, caller: Caller): Promise<string> {
  const ownsIt = caller === "ada" || caller === "sue" || caller === "gone";
  return ownsIt ? world.cast[caller].id : (await createStranger(world.stack)).id;
}
