import { useEffect, useRef, useSyncExternalStore } from "react";

/** How this page stands to the server. */
export type Link = "online" | "connecting" | "offline";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

/** Whether the browser sees a network at all; the server may still be out of reach. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

export function useLink(): Link {
  return useOnline() ? "online" : "offline";
}

/** Calls back when the server can be reached again; null for nobody who waits for it. */
export function useBackOnline(call: (() => void) | null): void {
  const link = useLink();
  const before = useRef(link);
  useEffect(() => {
    const was = before.current;
    before.current = link;
    if (link === "online" && was !== "online") call?.();
  }, [link, call]);
}
