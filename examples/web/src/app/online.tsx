import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useClient } from "./client.tsx";

/** How this page stands to the server. `connecting`: there is a network, and the server is tried again and again. */
export type LinkState = "online" | "connecting" | "offline";

/** A connection that is back within so many milliseconds is not worth a word. */
const PATIENCE = 2_000;

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

function useConnection() {
  const { connection } = useClient();
  const listen = useCallback((listener: () => void) => connection.on("change", listener), [connection]);
  return useSyncExternalStore(listen, () => connection.state);
}

const Context = createContext<LinkState>("online");

/** Works out once for all how the page stands to the server. */
export function LinkProvider({ children }: { children: ReactNode }) {
  const online = useOnline();
  const lost = useConnection() === "offline";
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    setPatient(true);
    if (!lost) return;
    const timer = setTimeout(() => setPatient(false), PATIENCE);
    return () => clearTimeout(timer);
  }, [lost]);
  const link = online ? (lost && !patient ? "connecting" : "online") : "offline";
  return <Context value={link}>{children}</Context>;
}

export function useLinkState(): LinkState {
  return useContext(Context);
}

/** Calls back when the server can be reached again; null for nobody who waits for it. */
export function useBackOnline(call: (() => void) | null): void {
  const online = useOnline();
  const reached = useConnection() === "online" && online;
  const before = useRef(reached);
  useEffect(() => {
    const was = before.current;
    before.current = reached;
    if (reached && !was) call?.();
  }, [reached, call]);
}

/** Calls back when the reader comes back to this page, or the page back to the server. */
export function useReturn(call: () => void): void {
  useBackOnline(call);
  useEffect(() => {
    const onView = () => {
      if (document.visibilityState === "visible") call();
    };
    addEventListener("focus", call);
    document.addEventListener("visibilitychange", onView);
    return () => {
      removeEventListener("focus", call);
      document.removeEventListener("visibilitychange", onView);
    };
  }, [call]);
}
