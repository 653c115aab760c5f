import type { ComponentProps } from "react";
import { Sure as AskAgain } from "../../ui/Sure.tsx";
import { useChatWords } from "./words.ts";

type SureProps = Omit<ComponentProps<typeof AskAgain>, "yes" | "no"> & { yes?: string };

/** Asks once more in the words of chat. */
export function Sure({ yes, ...rest }: SureProps) {
  const { c } = useChatWords();
  return <AskAgain yes={yes ?? c.sure} no={c.no} {...rest} />;
}
