import type { DeviceNotice } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { useChatWords } from "./words.ts";

export interface DeviceNews {
  added: readonly DeviceNotice[];
  isAsked: boolean;
  reload(): void;
  /** Somebody looks at the one that asks. */
  seen(): void;
}

/** Devices that came to the account and that nobody has taken note of here; and that one asks to be let in. */
export function useDeviceNews(isOwn: boolean): DeviceNews {
  const { devices } = useClient();
  const [added, setAdded] = useState<readonly DeviceNotice[]>([]);
  const [isAsked, setAsked] = useState(false);
  const reload = useCallback(() => {
    devices.notices().then(setAdded, heed);
  }, [devices]);
  useEffect(() => {
    if (!isOwn) return;
    reload();
    const stops = [devices.on("added", reload), devices.on("request", () => setAsked(true))];
    return () => {
      for (const stop of stops) stop();
    };
  }, [devices, isOwn, reload]);
  return { added, isAsked, reload, seen: () => setAsked(false) };
}

export function Notices({ news, onDevices }: { news: DeviceNews; onDevices(): void }) {
  const { c } = useChatWords();
  return (
    <div role="status" className="stack notices">
      {news.isAsked && (
        <div className="notice row spread">
          <span className="grow">{c.asked}</span>
          <Button
            small
            onClick={() => {
              news.seen();
              onDevices();
            }}
          >
            {c.devices}
          </Button>
        </div>
      )}
      {news.added.map((notice) => (
        <Added key={notice.device.id} notice={notice} onDone={news.reload} />
      ))}
    </div>
  );
}

function Added({ notice: { device }, onDone }: { notice: DeviceNotice; onDone(): void }) {
  const { c } = useChatWords();
  const { devices } = useClient();
  const act = useAction();
  const [busy, setBusy] = useState(false);
  const run = async (call: () => Promise<void>) => {
    setBusy(true);
    if (await act(call)) onDone();
    setBusy(false);
  };
  const name = device.name ?? device.id.slice(0, 8);
  return (
    <div className="notice stack">
      <p>{c.came(name)}</p>
      <div className="row">
        <Button small busy={busy} onClick={() => void run(() => devices.acknowledge(device.id))}>
          {c.mine}
        </Button>
        <Button
          small
          tone="ghost danger"
          busy={busy}
          onClick={() => void run(() => devices.revoke(device.id))}
        >
          {c.notMine}
        </Button>
      </div>
    </div>
  );
}
