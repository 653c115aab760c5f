import { writeBroadcast } from "./binary.ts";
import type { Outgoing, UserBroadcast, Version } from "./message.ts";
import { writeText } from "./text.ts";
import { frame } from "./websocket-frame.ts";

/** One message for many receivers: built at most once for each serializer, on first use. */
export interface FanOut {
  /** @returns null where this serializer cannot say it, and its receivers are left out */
  for(version: Version): Buffer | null;
}

export function textFanOut(message: Outgoing): FanOut {
  return once((version) => frame(writeText(version, message)));
}

/**
 * A broadcast that came as binary goes on as binary; the older serializer gets it as text, which bytes that are no
 * JSON cannot be.
 */
export function userFanOut(topic: string, user: UserBroadcast, meta = ""): FanOut {
  return once((version) => {
    if (version === "2.0.0") {
      const bytes = writeBroadcast(topic, user, meta);
      if (bytes) return frame(bytes);
    }
    if (user.encoding === "binary") return null;
    const payload = {
      type: "broadcast",
      event: user.event,
      payload: JSON.parse(user.bytes.toString("utf8")),
    };
    return frame(writeText(version, { topic, event: "broadcast", payload }));
  });
}

function once(build: (version: Version) => Buffer | null): FanOut {
  const built = new Map<Version, Buffer | null>();
  return {
    for(version) {
      const known = built.get(version);
      if (known !== undefined) return known;
      const fresh = build(version);
      built.set(version, fresh);
      return fresh;
    },
  };
}
