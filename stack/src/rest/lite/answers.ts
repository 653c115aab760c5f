import {
  isPostgresError,
  notOneReply,
  objectType,
  outOfReachReply,
  postgresErrorReply,
  type Reply,
} from "../error-reply.ts";
import type { RequestFacts } from "../settings.ts";
import { isOutOfReach } from "./transaction.ts";

/** Rolls the transaction back and carries the answer out of it. */
export class Refused extends Error {
  readonly answer: Response;

  constructor(answer: Response) {
    super("refused");
    this.answer = answer;
  }
}

/** The answer that an error of a statement stands for; null where it is nobody's fault but ours. */
export function answerTo(error: unknown, facts: RequestFacts): Response | null {
  if (error instanceof Refused) return error.answer;
  if (isOutOfReach(error)) return toResponse(outOfReachReply());
  return isPostgresError(error) ? toResponse(postgresErrorReply(error, facts.caller.role)) : null;
}

/** lite answers a write that returns embedded rows with a list, even where one object was asked for. */
export async function asObject(answer: Response): Promise<Response> {
  if (!answer.ok || !answer.headers.get("content-type")?.startsWith("application/json")) return answer;
  const text = await answer.text();
  // A write that returns nothing, `return=minimal`.
  if (text === "") return new Response(null, answer);
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) return Response.json(rows, answer);
  if (rows.length !== 1) return toResponse(notOneReply(rows.length));
  const headers = new Headers(answer.headers);
  headers.set("content-type", objectType);
  return new Response(JSON.stringify(rows[0]), { status: answer.status, headers });
}

export function toResponse(reply: Reply): Response {
  return new Response(String(reply.body), { status: reply.status, headers: reply.headers });
}
