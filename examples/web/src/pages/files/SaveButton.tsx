import { Alert } from "../../ui/Alert.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Progress } from "../../ui/States.tsx";
import { type Source, useSaving } from "./useSaving.ts";
import { useFilesWords } from "./words.ts";

/** Downloads a file; while it comes, how far it is, and the way to stop. */
export function SaveButton({ source, label, wide }: { source: Source; label: string; wide?: boolean }) {
  const { f, format } = useFilesWords();
  const { cancel, done, problem, save, share } = useSaving();
  const busy = share !== null;
  return (
    <div className="stack saving">
      <Button
        {...{ tone: "primary", icon: "download", busy, wide: wide ?? false }}
        onClick={() => void save(source)}
      >
        {busy ? f.downloading : label}
      </Button>
      {busy && (
        <div className="sending-line">
          <div className="grow">
            <Progress share={share} label={f.downloading} />
          </div>
          <span className="small quiet">{format.percent(share)}</span>
          <IconButton icon="close" label={f.stop} onClick={cancel} />
        </div>
      )}
      <p role="status" className={done ? "small quiet" : "hidden"}>
        {done && f.saved}
      </p>
      <Alert text={problem} />
    </div>
  );
}
