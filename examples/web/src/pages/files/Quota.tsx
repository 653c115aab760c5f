import { useCallback, useEffect } from "react";
import { useClient } from "../../app/client.tsx";
import { useAnswer } from "../../data/useAnswer.ts";
import { Progress } from "../../ui/States.tsx";
import { useFilesWords } from "./words.ts";

/** How much of the account's room is taken; read again whenever `files` are others. */
export function Quota({ files }: { files: unknown }) {
  const { f, bytes } = useFilesWords();
  const { limits } = useClient();
  const { answer, reload } = useAnswer(
    useCallback(
      async (signal: AbortSignal) => (await limits.list({ signal })).find(({ kind }) => kind === "bytes"),
      [limits],
    ),
  );
  useEffect(() => {
    if (files) reload();
  }, [files, reload]);
  if (!answer) return null;
  const { max, used } = answer;
  const share = max > 0 ? Math.min(used / max, 1) : 1;
  return (
    <div className="quota" data-full={share > 0.9 || undefined}>
      <p className="small quiet">{f.quota(bytes(used), bytes(max))}</p>
      <Progress share={share} label={f.room} />
    </div>
  );
}
