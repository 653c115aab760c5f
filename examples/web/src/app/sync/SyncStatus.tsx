import { useEffect, useRef, useState } from "react";
import { useWaiting } from "../../data/outbox.tsx";
import type { Dictionary } from "../../i18n/en.ts";
import { useWords } from "../../i18n/language.tsx";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { type LinkState, useLinkState } from "../online.tsx";
import { useChangesDialog } from "./ChangesDialog.tsx";
import "./sync.css";

/** How long "all sent" stays, in milliseconds. */
const STAY = 4_000;

interface Look {
  tone: "quiet" | "warn" | "bad";
  icon: IconName;
  parts: string[];
}

/** Says whether this page hears of changes and what waits to be sent; nothing while all is well. */
export function SyncStatus() {
  const { t } = useWords();
  const link = useLinkState();
  const { pending, failed } = useWaiting();
  const open = useChangesDialog();
  const sent = useJustSent(pending.length);
  const look = lookOf(t, link, pending.length, failed.length, sent);
  return (
    <div className="sync">
      {look && (
        <button type="button" className={`sync-pill ${look.tone}`} title={t.sync.title} onClick={open}>
          <Icon name={look.icon} size={16} />
          <span className="sync-parts">
            {look.parts.map((part) => (
              <span key={part}>{part}</span>
            ))}
          </span>
        </button>
      )}
      <p className="hidden" role="status">
        {announcement(t, link, pending.length, failed.length, sent)}
      </p>
    </div>
  );
}

function lookOf(t: Dictionary, link: LinkState, pending: number, failed: number, sent: boolean): Look | null {
  const refused = failed > 0 ? [t.sync.failed(failed)] : [];
  const tone = failed > 0 ? "bad" : link === "online" ? "quiet" : "warn";
  if (link !== "online") {
    const waiting = pending > 0 ? [t.sync.waiting(pending)] : [];
    const state = link === "offline" ? t.sync.offline : t.sync.connecting;
    return { tone, icon: "cloud", parts: [state, ...waiting, ...refused] };
  }
  if (failed > 0) return { tone, icon: "warning", parts: refused };
  if (pending > 0) return { tone, icon: "upload", parts: [t.sync.sending(pending)] };
  return sent ? { tone, icon: "check", parts: [t.sync.allSent] } : null;
}

/** What is said aloud: how things stand, and not each change that joins the waiting ones. */
function announcement(
  t: Dictionary,
  link: LinkState,
  pending: number,
  failed: number,
  sent: boolean,
): string {
  if (failed > 0) return t.sync.failed(failed);
  if (link === "offline") return t.sync.offlineLead;
  if (link === "connecting") return t.sync.connecting;
  return sent && pending === 0 ? t.sync.allSent : "";
}

/** True for a moment after the last waiting change has gone. */
function useJustSent(count: number): boolean {
  const before = useRef(count);
  const [sent, setSent] = useState(false);
  useEffect(() => {
    const was = before.current;
    before.current = count;
    setSent(count === 0 && was > 0);
    if (count > 0 || was === 0) return;
    const timer = setTimeout(() => setSent(false), STAY);
    return () => clearTimeout(timer);
  }, [count]);
  return sent;
}
