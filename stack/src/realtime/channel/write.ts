import type { Extension } from "../access/policies.ts";
import type { Services } from "../services.ts";
import type { Channel } from "./channel.ts";

/** Whether policies let a private channel write; asked once for each kind and token. */
export function mayWrite(
  channel: Channel,
  extension: Extension,
  services: Services,
): boolean | Promise<boolean> {
  const known = channel.write[extension];
  if (known !== undefined) return known;
  const { identity, name } = channel;
  return services.policies.mayWrite(identity, name, extension).then((allowed) => {
    // A token that came in between is asked about by itself.
    if (channel.identity === identity) channel.write[extension] = allowed;
    return allowed;
  });
}
