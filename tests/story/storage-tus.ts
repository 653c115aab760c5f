import type { Name, StorageKit } from "./storage-kit.ts";

/** What somebody shows of themselves: a token, the publishable key alone, or nothing. */
export function shown(kit: StorageKit, by: Name | "nobody" | undefined): Record<string, string> {
  if (by === "nobody") return {};
  return by ? { authorization: `Bearer ${kit.people[by].token}` } : { apikey: kit.stack.env.PUBLISHABLE_KEY };
}

export type Words = [
  where: string,
  method: string,
  by: Name | "nobody" | undefined,
  headers?: Record<string, string>,
  body?: string,
];

/** A request of the protocol, by hand. */
export const ask = (kit: StorageKit, ...[where, method, by, headers = {}, body]: Words) =>
  fetch(new URL(where, kit.stack.env.API_URL), {
    method,
    headers: { "tus-resumable": "1.0.0", ...shown(kit, by), ...headers },
    ...(body === undefined ? {} : { body }),
  });

/** The header Upload-Metadata. */
export const metadata = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");
