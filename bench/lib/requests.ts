import type { LoadRequest } from "./load.ts";
import type { Person } from "./people.ts";
import type { BenchStack } from "./stack.ts";

const headersOf = (stack: BenchStack, person: Person) => ({
  apikey: stack.publishableKey,
  authorization: `Bearer ${person.token}`,
  accept: "application/json",
  "accept-profile": "public",
  "x-client-info": "bench",
});

/** The first page of somebody's tasks, as the SDK asks for it. */
export const listOf = (stack: BenchStack, person: Person, cursor = ""): LoadRequest => ({
  method: "GET",
  path: `/rest/v1/tasks?select=*&deleted_at=is.null${cursor}&order=position.asc,id.asc&limit=20`,
  headers: headersOf(stack, person),
});

/** A new task of ordinary size, read back. */
export const createOf = (stack: BenchStack, person: Person): LoadRequest => ({
  method: "POST",
  path: "/rest/v1/tasks?select=*",
  headers: {
    ...headersOf(stack, person),
    "content-profile": "public",
    "content-type": "application/json",
    prefer: "return=representation",
  },
  body: JSON.stringify({
    title: "Write the report",
    description: "A sentence of ordinary length about the task.",
    status: "todo",
    due_at: "2030-01-01T12:00:00Z",
  }),
});
