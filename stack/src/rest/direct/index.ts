import { BoundedMap } from "../../gateway/bounded-map.ts";
import type { DbRole } from "../../part.ts";
import type { Catalog } from "../database/catalog.ts";
import type { Statement } from "../database/exchange.ts";
import { ConnectionLostError, type Pool } from "../database/pool.ts";
import {
  isPostgresError,
  notOneReply,
  outOfReachReply,
  postgresErrorReply,
  type Reply,
} from "../error-reply.ts";
import { type RequestFacts, settingsSql, settingsValues } from "../settings.ts";
import { answer } from "./answer.ts";
import { planCall } from "./call.ts";
import { type Plan, rowsInstead } from "./plan.ts";
import { planRead } from "./read.ts";
import type { DirectRequest } from "./request.ts";
import { planDelete, planInsert, planUpdate } from "./write.ts";

/** Compiles a request; null where it is beyond the small form, and lite's to answer. */
export function planFor(
  request: DirectRequest,
  catalog: Catalog,
  body: string,
  maxRows: number,
): Plan | null {
  const name = `${request.schema}.${request.target}`;
  if (request.isCall) {
    const routine = catalog.routines.get(name);
    const relation = (routine?.relation && catalog.relations.get(routine.relation)) || null;
    return routine ? planCall(request, routine, relation, body, maxRows) : null;
  }
  const relation = catalog.relations.get(name);
  if (!relation?.isPlain) return null;
  switch (request.method) {
    case "GET":
      return planRead(request, relation, maxRows);
    case "POST":
      return planInsert(request, relation, body);
    case "PATCH":
      return planUpdate(request, relation, body);
    case "DELETE":
      return planDelete(request, relation);
  }
}

/** Runs plans: settings and statement in one round trip and one transaction. */
export interface Direct {
  run(request: DirectRequest, plan: Plan, facts: RequestFacts): Promise<Reply>;
}

/** Statement texts that are remembered by name; connections hold fewer prepared. */
const rememberedStatements = 500;

export function createDirect(pool: Pool): Direct {
  const names = new BoundedMap<string, string>(rememberedStatements);
  let made = 0;
  // The text itself is the key under which a prepared statement is found again: two requests share one only
  // if they are the same SQL to the letter, and then differ in bound values alone. Each role has its own, since
  // Postgres plans a statement anew whenever the role, and with it the policies, changes.
  const prepare = ({ text, values }: Plan, role: DbRole): Statement => {
    let name = names.get(text);
    if (name === undefined) {
      name = `q${++made}`;
      names.set(text, name);
    }
    return { name: `${name} ${role}`, text, values };
  };
  return {
    async run(request, plan, facts) {
      const settings = { name: "settings", text: settingsSql, values: settingsValues(facts) };
      try {
        return answer(request, plan, await pool.run([settings, prepare(plan, facts.caller.role)]));
      } catch (error) {
        if (error instanceof ConnectionLostError) return outOfReachReply();
        if (!isPostgresError(error)) throw error;
        const rows = rowsInstead(error.message);
        return rows === null ? postgresErrorReply(error, facts.caller.role) : notOneReply(rows);
      }
    },
  };
}
