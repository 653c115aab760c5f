import type { Connection } from "../connect.ts";
import { call } from "../transport/rest.ts";
import type { Mail } from "./types.ts";

export function createMailOn({ client }: Connection): Mail {
  return {
    preferences: ({ signal } = {}) => call(client, "my_mail_preferences", {}, "mail.preferences", signal),
    async setPreference(kind, wanted, { signal } = {}) {
      await call(client, "set_mail_preference", { kind, wanted }, "mail.setPreference", signal);
    },
    unsubscribe: (token, { signal } = {}) =>
      call(client, "mail_unsubscribe", { token }, "mail.unsubscribe", signal),
  };
}
