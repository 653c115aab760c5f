import { useWords } from "../i18n/language.tsx";
import { useClient } from "./client.tsx";
import { navigate } from "./router.tsx";
import { useToast } from "./toasts.tsx";

/** Signs out here; where the server cannot be told, the session is still gone from this browser. */
export function useSignOut(): () => Promise<void> {
  const client = useClient();
  const say = useToast();
  const { t } = useWords();
  return async () => {
    await client.auth.signOut().catch(() => undefined);
    navigate("/sign-in", { replace: true });
    say(t.auth.signedOut);
  };
}
