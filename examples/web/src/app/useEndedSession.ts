import { useEffect } from "react";
import { useWords } from "../i18n/language.tsx";
import { useClient, useSession } from "./client.tsx";
import { onEnded } from "./ended.ts";
import { useToast } from "./toasts.tsx";

/** Forgets a session that was ended elsewhere, and says why the sign-in is there. */
export function useEndedSession(): void {
  const client = useClient();
  const signedIn = Boolean(useSession());
  const say = useToast();
  const { t } = useWords();
  useEffect(() => {
    if (!signedIn) return;
    let told = false;
    return onEnded(async (reason) => {
      // Whoever signs out here may still hear of requests that were on their way.
      if (reason === "AUTH_REQUIRED" && (await client.auth.session().catch(() => null)) === null) return;
      if (told) return;
      told = true;
      client.auth.signOut().catch(() => undefined);
      const why = reason === "AUTH_SUSPENDED" ? t.errors.AUTH_SUSPENDED : t.auth.sessionEnded;
      say(why, { tone: "error", stays: true });
    });
  }, [client, signedIn, say, t]);
}
