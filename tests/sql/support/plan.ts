import type pg from "pg";
import { type Person, queryAs } from "./people.ts";

interface Node {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Parent Relationship"?: string;
  "Actual Loops": number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
}

/** What a test wants to know of a plan. */
export interface Plan {
  /** Node types with the relation they read: `Index Scan on tasks`. */
  scans: string[];
  indexes: string[];
  /** Subqueries evaluated once for the statement: the policies' functions. */
  initPlans: number;
  /** Subqueries evaluated for each row. */
  subPlans: number;
  /** Pages touched. */
  buffers: number;
  rowsRead: number;
  text: string;
}

/** Runs a statement as a person, a second time with its caches warm, and reads what Postgres did. */
export async function planOf(
  client: pg.Client,
  person: Person,
  sql: string,
  values: unknown[] = [],
): Promise<Plan> {
  const explain = `explain (analyze, buffers, format json) ${sql}`;
  await queryAs(client, person, explain, values);
  const [row] = await queryAs<{ "QUERY PLAN": { Plan: Node }[] }>(client, person, explain, values);
  const top = row?.["QUERY PLAN"][0]?.Plan;
  if (!top) throw new Error(`no plan: ${sql}`);
  const nodes = flatten(top);
  const named = (node: Node) => node["Relation Name"] ?? "";
  return {
    scans: nodes.filter((node) => named(node)).map((node) => `${node["Node Type"]} on ${named(node)}`),
    indexes: nodes.flatMap((node) => node["Index Name"] ?? []),
    initPlans: nodes.filter((node) => node["Parent Relationship"] === "InitPlan").length,
    subPlans: nodes.filter((node) => node["Parent Relationship"] === "SubPlan").length,
    buffers: top["Shared Hit Blocks"] + top["Shared Read Blocks"],
    rowsRead: nodes.reduce((sum, node) => sum + (node["Rows Removed by Filter"] ?? 0), 0),
    text: JSON.stringify(top, null, 1),
  };
}

const flatten = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
