import type { StoredFile } from "@trackit/sdk";
import { useState } from "react";
import { useClient, useSession } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Sure } from "../../ui/Sure.tsx";
import { useFilesWords } from "./words.ts";

interface EndProps {
  file: StoredFile;
  onChange(): void;
  onClose(): void;
}

/** Runs what takes a file out of its list. */
function useEnd({ onChange, onClose }: EndProps): (call: () => Promise<unknown>) => Promise<void> {
  const act = useAction();
  return async (call) => {
    if (!(await act(call))) return;
    onClose();
    onChange();
  };
}

/** What somebody else has shared: it can be let go of. */
export function Received(props: EndProps) {
  const { f, t } = useFilesWords();
  const { shares } = useClient();
  const me = useSession()?.user.id ?? "";
  const end = useEnd(props);
  const [isSure, setSure] = useState(false);
  if (!isSure)
    return (
      <div className="row">
        <Button tone="ghost danger" onClick={() => setSure(true)}>
          {f.letGo}
        </Button>
      </div>
    );
  return (
    <Sure
      {...{ question: f.letGoSure, yes: f.letGo, no: t.app.cancel }}
      onYes={() => end(() => shares.unshare(props.file.id, me))}
      onNo={() => setSure(false)}
    />
  );
}

/** What is in the trash: it comes back, or goes for good. */
export function Trashed(props: EndProps) {
  const { f, t } = useFilesWords();
  const { files } = useClient();
  const { id } = props.file;
  const end = useEnd(props);
  const [isSure, setSure] = useState(false);
  if (isSure)
    return (
      <Sure
        {...{ question: f.eraseSure, yes: f.erase, no: t.app.cancel }}
        onYes={() => end(() => files.purge(id))}
        onNo={() => setSure(false)}
      />
    );
  return (
    <div className="row">
      <Button icon="restore" onClick={() => void end(() => files.restore(id))}>
        {f.restore}
      </Button>
      <Button tone="ghost danger" onClick={() => setSure(true)}>
        {f.erase}
      </Button>
    </div>
  );
}
