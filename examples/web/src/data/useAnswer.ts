import { useCallback, useEffect, useRef, useState } from "react";
import { heed } from "../app/ended.ts";
import { useBackOnline } from "../app/online.tsx";

export interface Asked<Answer> {
  /** The last answer to this question; null before the first. */
  answer: Answer | null;
  /** Why there is none, or no newer one. */
  error: unknown;
  reload(): void;
}

/**
 * Asks for something once, again by `reload`, and when the network is back.
 * @param ask another function is another question: wrap it in `useCallback`
 */
export function useAnswer<Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Asked<Answer> {
  const [state, setState] = useState<{ ask: unknown; answer: Answer | null; error: unknown }>({
    ask,
    answer: null,
    error: null,
  });
  const asking = useRef<AbortController | null>(null);
  const reload = useCallback(() => {
    asking.current?.abort();
    asking.current = new AbortController();
    const { signal } = asking.current;
    ask(signal).then(
      (answer) => signal.aborted || setState({ ask, answer, error: null }),
      (error: unknown) => {
        if (signal.aborted) return;
        heed(error);
        setState((now) => ({ ask, answer: now.ask === ask ? now.answer : null, error }));
      },
    );
  }, [ask]);
  useEffect(() => {
    reload();
    return () => asking.current?.abort();
  }, [reload]);
  useBackOnline(reload);
  const { answer, error } = state.ask === ask ? state : { answer: null, error: null };
  return { answer, error, reload };
}
