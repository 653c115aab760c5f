import type { Connection } from "../connect.ts";
import { call } from "../transport/rest.ts";
import type { Limits } from "./types.ts";

export function createLimitsOn({ client }: Connection): Limits {
  return { list: ({ signal } = {}) => call(client, "my_limits", {}, "limits.list", signal) };
}
