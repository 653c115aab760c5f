import { Button, IconButton } from "../../ui/Button.tsx";
import { Progress } from "../../ui/States.tsx";
import type { Sending } from "./useUploads.ts";
import { useFilesWords } from "./words.ts";

/** What is on its way, each with how far it is and what can be done about it. */
export function SendingList({ sending }: { sending: readonly Sending[] }) {
  const { f } = useFilesWords();
  if (sending.length === 0) return null;
  return (
    <section className="card sending" aria-label={f.uploading}>
      <ul>
        {sending.map((one) => (
          <li key={one.id}>
            <SendingLine one={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SendingLine({ one }: { one: Sending }) {
  const { f, format } = useFilesWords();
  const { name, share, state, problem } = one;
  return (
    <>
      <div className="row spread">
        <span className="file-name">{name}</span>
        <span className="small quiet">{state === "paused" ? f.paused : format.percent(share)}</span>
      </div>
      {state === "failed" ? (
        <p className="error" role="alert">
          {f.failed} {problem}
        </p>
      ) : (
        <Progress share={share} label={f.progress(name)} />
      )}
      <div className="row">
        {state === "sending" && (
          <Button small tone="ghost" onClick={one.pause}>
            {f.pause}
          </Button>
        )}
        {state === "paused" && (
          <Button small tone="ghost" onClick={one.resume}>
            {f.resume}
          </Button>
        )}
        <IconButton icon="close" label={f.cancel} onClick={one.cancel} />
      </div>
    </>
  );
}
