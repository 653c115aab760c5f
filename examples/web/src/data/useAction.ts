import { useCallback } from "react";
import { heed } from "../app/ended.ts";
import { useToast } from "../app/toasts.tsx";
import { describeFailure } from "../i18n/failure.ts";
import { useWords } from "../i18n/language.tsx";

/** Runs a call outside of any form; what goes wrong is told in a toast. @returns whether it went well */
export function useAction(): (call: () => Promise<unknown>) => Promise<boolean> {
  const say = useToast();
  const { t } = useWords();
  return useCallback(
    async (call) => {
      try {
        await call();
        return true;
      } catch (error) {
        heed(error);
        say(describeFailure(error, t).text, { tone: "error" });
        return false;
      }
    },
    [say, t],
  );
}
