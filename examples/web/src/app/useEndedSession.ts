import { useEffect } from "react";
import { useWords } from "../i18n/language.tsx";
import { useClient, useSession } from "./client.tsx";
import { onEnded } from "./ended.ts";
import { useToast } from "./toasts.tsx";

/** Forgets a session that was ended elsewhere, and says why the sign-in is there. */
export function useEndedSession(): void {
  const client = useClient();
  const user = useSession()?.user.id;
  const say = useToast();
  const { t } = useWords();
  useEffect(() => {
    if (user === undefined) return;
    let told = false;
    return onEnded(async (reason) => {
      const now = await client.auth.session().catch(() => null);
      // What comes late is about a session that was ended here, or about somebody else's than the one by now.
      const late = now ? now.user.id !== user : reason === "AUTH_REQUIRED";
      if (late || told) return;
      told = true;
      client.auth.signOut().catch(() => undefined);
      const why = reason === "AUTH_SUSPENDED" ? t.errors.AUTH_SUSPENDED : t.auth.sessionEnded;
      say(why, { tone: "error", stays: true });
    });
  }, [client, user, say, t]);
}
