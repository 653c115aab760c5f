import type { PushKind } from "../access/policies.ts";
import type { Services } from "../services.ts";
import type { Channel } from "./channel.ts";

/** Whether policies let a private channel write; asked once for each kind and token. */
export function mayWrite(channel: Channel, kind: PushKind, services: Services): boolean | Promise<boolean> {
  const known = channel.write[kind];
  if (known !== undefined) return known;
  const { identity, name } = channel;
  return services.policies.mayWrite(identity, name, kind).then((allowed) => {
    // A token that came in between is asked about by itself.
    if (channel.identity === identity) channel.write[kind] = allowed;
    return allowed;
  });
}
