import { isTrackItError } from "@trackit/sdk";
import { useOnline } from "../../app/online.tsx";
import type { Sending } from "../../data/uploadQueue.ts";
import type { Uploads } from "../../data/uploads.tsx";
import { describeFailure } from "../../i18n/failure.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Name } from "../../ui/Name.tsx";
import { plainName } from "../../ui/names.ts";
import { Progress } from "../../ui/States.tsx";
import { useFilesWords } from "./words.ts";

/** What is on its way, each with how far it is and what can be done about it; what waits its turn is counted. */
export function SendingList({ uploads }: { uploads: Uploads }) {
  const { f } = useFilesWords();
  const { arrived, sending } = uploads;
  const shown = sending.filter(({ state }) => state !== "waiting");
  const waiting = sending.filter(({ state }) => state === "waiting");
  const all = arrived + sending.filter(({ state }) => state !== "failed").length;
  return (
    <>
      <p className="hidden" role="status">
        {all > 0 && f.arrived(arrived, all)}
      </p>
      {sending.length > 0 && (
        <section className="card sending" aria-label={f.uploading}>
          {all > 1 && (
            <div className="row spread">
              <h2>{f.arrived(arrived, all)}</h2>
              <Button
                small
                tone="ghost"
                onClick={() => {
                  for (const { id } of [...sending].reverse()) uploads.cancel(id);
                }}
              >
                {f.cancelAll}
              </Button>
            </div>
          )}
          <ul>
            {shown.map((one) => (
              <li key={one.id}>
                <SendingLine one={one} uploads={uploads} />
              </li>
            ))}
          </ul>
          {waiting.length > 0 && <p className="small quiet">{f.waiting(waiting.length)}</p>}
        </section>
      )}
    </>
  );
}

function SendingLine({ one, uploads }: { one: Sending; uploads: Uploads }) {
  const { error, id, share, state } = one;
  const name = plainName(one.name);
  const { f, format, t } = useFilesWords();
  const online = useOnline();
  const stands = state === "paused" ? f.paused : online ? format.percent(share) : f.offline;
  return (
    <>
      <div className="sending-line">
        <Name className="file-name">{name}</Name>
        {state !== "failed" && <span className="small quiet">{stands}</span>}
        {state === "sending" ? (
          <IconButton icon="pause" label={f.pause(name)} onClick={() => uploads.pause(id)} />
        ) : (
          <IconButton
            icon={state === "failed" ? "restore" : "play"}
            label={state === "failed" ? f.again(name) : f.resume(name)}
            onClick={() => uploads.resume(id)}
          />
        )}
        <IconButton icon="close" label={f.cancel(name)} onClick={() => uploads.cancel(id)} />
      </div>
      {state === "failed" ? (
        <p className="error" role="alert">
          {f.failed} {isTrackItError(error, "FILE_CHANGED") ? f.otherFile : describeFailure(error, t).text}
        </p>
      ) : (
        <Progress share={share} label={f.progress(name)} />
      )}
    </>
  );
}
