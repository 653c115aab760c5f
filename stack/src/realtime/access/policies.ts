import { randomUUID } from "node:crypto";
import { describeError } from "../../gateway/errors.ts";
import type { Log } from "../../part.ts";
import type { Partitions } from "../partitions.ts";
import { type Database, literal } from "./database.ts";
import { type Identity, RefusedError } from "./identity.ts";

export type Extension = "broadcast" | "presence";
export type Permission = Record<Extension, boolean>;
/** What a push may be; `persistence` lets a broadcast be stored as well. */
export type PushKind = Extension | "persistence";

/** What the policies on `realtime.messages` allow somebody on a private topic. */
export interface Policies {
  /** @throws RefusedError when no row can be written there today */
  mayRead(identity: Identity, topic: string): Promise<Permission>;
  mayWrite(identity: Identity, topic: string, kind: PushKind): Promise<boolean>;
}

/**
 * Asks the policies by trying: a row is put there and looked for as the caller, or put there by the caller, in a
 * transaction that is rolled back. A policy that fails allows nothing.
 */
export function createPolicies(database: Database, partitions: Partitions, log: Log): Policies {
  return {
    async mayRead(identity, topic) {
      const [broadcast, presence] = [randomUUID(), randomUUID()];
      const script = [
        probe(topic, [
          [broadcast, "broadcast"],
          [presence, "presence"],
        ]),
        become(identity, topic),
        `select id from realtime.messages where topic = ${literal(topic)} and id in ('${broadcast}', '${presence}')`,
      ];
      try {
        const results = await database.rehearse(script);
        const seen = new Set((results[3]?.rows ?? []).map((row: { id: string }) => row.id));
        return { broadcast: seen.has(broadcast), presence: seen.has(presence) };
      } catch (error) {
        if (isMissingPartition(error)) {
          void partitions.keepNow();
          const text = "Realtime was unable to find the expected messages partition";
          throw new RefusedError("MissingPartition", text);
        }
        log.warn("realtime.RlsPolicyError", describeError(error));
        return { broadcast: false, presence: false };
      }
    },

    async mayWrite(identity, topic, kind) {
      try {
        await database.rehearse([become(identity, topic), probe(topic, [[randomUUID(), kind]])]);
        return true;
      } catch (error) {
        if (isMissingPartition(error)) void partitions.keepNow();
        else if (codeOf(error) !== "42501") log.warn("realtime.RlsPolicyError", describeError(error));
        return false;
      }
    },
  };
}

function probe(topic: string, rows: [id: string, kind: PushKind][]): string {
  const values = rows.map(([id, kind]) => `('${id}', ${literal(topic)}, '${kind}', true)`);
  return `insert into realtime.messages (id, topic, extension, private) values ${values.join(", ")}`;
}

/** What policies may look at: the role, `realtime.topic()`, and the claims in both ways that PostgREST set them. */
export function become({ role, claims }: Identity, topic: string): string {
  const settings: [string, string][] = [
    ["realtime.topic", topic],
    ["request.jwt.claims", JSON.stringify(claims)],
    ["request.jwt.claim.sub", typeof claims.sub === "string" ? claims.sub : ""],
    ["request.jwt.claim.role", role],
    ["role", role],
  ];
  const calls = settings.map(([name, value]) => `set_config('${name}', ${literal(value)}, true)`);
  return `select ${calls.join(", ")}`;
}

const codeOf = (error: unknown) =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

// 23514 without a constraint is Postgres' way to say that no partition takes the row.
const isMissingPartition = (error: unknown) =>
  codeOf(error) === "23514" && String((error as Error).message).startsWith("no partition");
