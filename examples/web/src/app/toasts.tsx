import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";
import { useWords } from "../i18n/language.tsx";
import { Icon } from "../ui/Icon.tsx";
import { useSession } from "./client.tsx";
import "./toasts.css";

interface Toast {
  id: number;
  text: string;
  tone: "plain" | "error";
  action: Action | undefined;
  /** Waits to be closed, or for a sign-in: nobody may be looking when it comes. */
  stays: boolean;
}

interface Action {
  label: string;
  run(): void;
}

type Say = (text: string, options?: { tone?: Toast["tone"]; action?: Action; stays?: boolean }) => void;

const Context = createContext<Say | null>(null);

/** How long a message stays, in milliseconds; one with an action stays longer, so that it can be reached. */
const stay = { plain: 5_000, action: 12_000 };

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const last = useRef(0);
  const user = useSession()?.user.id;
  useEffect(() => {
    if (user !== undefined) setToasts((all) => all.filter((one) => !one.stays));
  }, [user]);
  const close = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const say = useCallback<Say>((text, { tone = "plain", action, stays = false } = {}) => {
    last.current += 1;
    const toast = { id: last.current, text, tone, action, stays };
    setToasts((all) => [...all.filter((one) => one.text !== text).slice(-2), toast]);
  }, []);
  return (
    <Context value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((toast) => (
          <ToastLine key={toast.id} toast={toast} close={close} />
        ))}
      </div>
    </Context>
  );
}

function ToastLine({ toast, close }: { toast: Toast; close: (id: number) => void }) {
  const { t } = useWords();
  const [held, setHeld] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { id, text, tone, action, stays } = toast;
  useEffect(() => {
    if (held || stays) return;
    const timer = setTimeout(() => close(id), action ? stay.action : stay.plain);
    return () => clearTimeout(timer);
  }, [held, stays, id, action, close]);
  // Whoever points at it or has the focus in it is still reading.
  useEffect(() => {
    const element = box.current;
    const hold = () => setHeld(true);
    const release = () => setHeld(false);
    for (const name of ["mouseenter", "focusin"]) element?.addEventListener(name, hold);
    for (const name of ["mouseleave", "focusout"]) element?.addEventListener(name, release);
  }, []);
  return (
    <div ref={box} className={`toast ${tone}`}>
      <span>{text}</span>
      {action && (
        <button
          type="button"
          className="toast-action"
          onClick={() => {
            close(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="toast-close" aria-label={t.app.close} onClick={() => close(id)}>
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}

/** Shows a short message that goes by itself, with a button where an action is given. */
export function useToast(): Say {
  const say = useContext(Context);
  if (!say) throw new Error("useToast outside ToastProvider: wrap the page in it");
  return say;
}
