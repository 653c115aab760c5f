import { notEnabled, wrongRole } from "../errors.ts";
import { type Handler, json } from "./call.ts";

/** There is no cache between the stack and its clients: nothing is left to purge. */
export const purgeCache: Handler = async ({ caller }) => {
  if (caller.role !== "service_role") throw wrongRole();
  return json({ message: "success" });
};

export const health: Handler = async ({ services }) => {
  await services.database.rows("select 1");
  return json({ healthy: true });
};

/** Versioned buckets are not served, and so there is nothing that a lifecycle could end. */
export const lifecycle: Handler = async () => {
  throw notEnabled("lifecycle");
};
