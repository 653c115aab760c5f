import { accessDenied } from "../errors.ts";
import { type Handler, json } from "./call.ts";

/** There is no cache between the stack and its clients: nothing is left to purge. */
export const purgeCache: Handler = async ({ caller }) => {
  if (caller.role !== "service_role")
    throw accessDenied("Access denied: only service_role can purge the cache");
  return json({ message: "success" });
};

export const health: Handler = async ({ services }) => {
  await services.database.rows("select 1");
  return json({ healthy: true });
};
