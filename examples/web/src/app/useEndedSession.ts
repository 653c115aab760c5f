import { useEffect } from "react";
import { useWords } from "../i18n/language.tsx";
import { useClient, useSession } from "./client.tsx";
import { onEnded } from "./ended.ts";
import { useToast } from "./toasts.tsx";

/** Forgets a session that was ended from another device, and says why the sign-in is there. */
export function useEndedSession(): void {
  const client = useClient();
  const signedIn = Boolean(useSession());
  const say = useToast();
  const { t } = useWords();
  useEffect(() => {
    if (!signedIn) return;
    let told = false;
    return onEnded(() => {
      if (told) return;
      told = true;
      client.auth.signOut().catch(() => undefined);
      say(t.auth.sessionEnded, { tone: "error" });
    });
  }, [client, signedIn, say, t]);
}
