import { onChange } from "../auth/on-change.ts";
import { userId } from "../auth/session.ts";
import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import { within } from "../retry/within.ts";
import { type ChannelHandlers, type OpenChannel, openChannel } from "../transport/realtime.ts";
import { call } from "../transport/rest.ts";
import { clocks } from "./clocks.ts";
import { asUser } from "./renewing.ts";

/** What the database says of somebody's channel: where it is, and the number of the last event. */
export interface Head {
  topic: string;
  n: number;
}

/** What somebody is told: `row` as a select gives it, only the id of a deleted one, null for many at once. */
export interface Told {
  n: number;
  table: string;
  op: "insert" | "update" | "delete" | "many";
  row: ({ id: string } & Record<string, unknown>) | null;
}

export interface Feed {
  /** The last number there is. */
  n: number;
  too_old: boolean;
  events: Told[];
}

/** What the engine needs of the world; tests have one of their own. */
export interface Wire {
  /** Who is signed in, without asking the server. */
  user(): Promise<string | null>;
  head(): Promise<Head>;
  since(n: number): Promise<Feed>;
  open(topic: string, key: string | null, handlers: ChannelHandlers): OpenChannel;
  /** Calls back with each sign of who is signed in, within the auth client's lock; returns its end. */
  onUser(listener: (user: string | null) => void): () => void;
  /** Calls back when it is likely that something was missed: the network or the page is back. */
  onReturn(listener: () => void): () => void;
}

const ACTION = "watch";
/** The most that the feed gives at a time. */
const EVENTS = 200;

export function wireOn(connection: Connection): Wire {
  const { client, vault } = connection;
  const user = async () => (vault ? vault.user() : answered((signal) => userId(connection, ACTION, signal)));
  const isThere = async () => (await user()) !== null;
  return {
    user,
    async head() {
      const ask = () => answered((signal) => call(client, "my_topic", {}, ACTION, signal));
      const head = (await asUser(ask, isThere)) as unknown as Head | null;
      if (head) return head;
      throw new TrackItError("AUTH_REQUIRED", `${ACTION}: this account has no profile`);
    },
    async since(n) {
      const args = { n, limit: EVENTS };
      const ask = () => answered((signal) => call(client, "feed_since", args, ACTION, signal));
      return (await asUser(ask, isThere)) as unknown as Feed;
    },
    open: (topic, key, handlers) => openChannel(client, topic, key, handlers),
    onUser(listener) {
      // At once, so that nobody is told anything after signOut() has returned; and what other tabs do, in its time.
      const { data } = client.auth.onAuthStateChange((event, session) => {
        if (event !== "INITIAL_SESSION") listener(session?.user.id ?? null);
      });
      const stop = onChange(connection, (event, session) => {
        if (event !== "initial") listener(session?.user.id ?? null);
      });
      return () => {
        data.subscription.unsubscribe();
        stop();
      };
    },
    onReturn,
  };
}

function answered<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return within(clocks.answer, ACTION, ask);
}

function onReturn(listener: () => void): () => void {
  const page = typeof document === "undefined" ? null : document;
  const onView = (): void => {
    if (page?.visibilityState === "visible") listener();
  };
  if (page) {
    globalThis.addEventListener("online", listener);
    globalThis.addEventListener("focus", listener);
  }
  page?.addEventListener("visibilitychange", onView);
  return () => {
    if (page) {
      globalThis.removeEventListener("online", listener);
      globalThis.removeEventListener("focus", listener);
    }
    page?.removeEventListener("visibilitychange", onView);
  };
}
