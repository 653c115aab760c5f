import type { Connection } from "../connect.ts";
import { isTrackItError } from "../errors.ts";
import { clocks } from "../live/clocks.ts";
import { within } from "../retry/within.ts";
import { call } from "../transport/rest.ts";
import { checkAnswer } from "./answers.ts";

/** A row of a room as the database gives and tells it. */
export interface WireRow {
  seq: number;
  kind: "entry" | "commit" | "message" | "tombstone";
  bytes: string;
  /** The account that it came from, by the server's word. */
  by: string;
  at: string;
  id?: string;
}

/** Where a room stands, by the server's word. A room that one is no member of has its id alone. */
export interface WireHead {
  id: string;
  epoch: number;
  log_rows: number;
  last_seq: number;
  transcript: string;
  topic_rev: number;
  /** Changes with the members and their device logs. */
  stamp: string;
  /** Null where the stamp was known. */
  members: { user_id: string; root: string; log_rows: number | null }[] | null;
}

export interface WireLog {
  user_id: string;
  root: string;
  rows: number;
  retired: boolean;
  entries: string[];
  openings: Record<string, string>;
}

export interface WireRoom {
  id: string;
  kind: "group" | "direct" | "self";
  last_seq: number;
  transcript: string;
  log_rows: number;
  /** When the last message of content came; before the first, when the room was made. */
  active_at: string;
  joined_at: string;
  last_read_seq: number;
  unread: number;
}

/**
 * As `ask`, once more where no answer came: for calls that are safe to repeat with the same bytes, which may have
 * happened.
 */
export async function askTwice(wire: Wire, ...given: Parameters<Wire["ask"]>): Promise<void> {
  await twice(() => wire.ask(...given));
}

async function twice<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const isUnanswered = isTrackItError(error, "NETWORK_OFFLINE") || isTrackItError(error, "NETWORK_TIMEOUT");
    if (!isUnanswered) throw error;
    return work();
  }
}

/** What a verb reads once its change was made: one lost answer shall not tell the app that it failed. */
const READS = new Set(["heads", "room_rows", "room_wraps", "read_device_logs"]);

/** Calls a function of the database for chat. */
export interface Wire {
  ask<Answer>(
    name: string,
    args: Record<string, unknown>,
    action: string,
    signal?: AbortSignal,
  ): Promise<Answer>;
}

export function wireOn({ client }: Connection): Wire {
  return {
    ask: async <Answer>(
      name: string,
      args: Record<string, unknown>,
      action: string,
      signal?: AbortSignal,
    ): Promise<Answer> => {
      const once = async () => {
        const work = (given: AbortSignal) => call(client, name as never, args, action, given);
        const answer = await within(clocks.answer, action, work, signal);
        checkAnswer(name, answer, action);
        return answer as Answer;
      };
      return READS.has(name) ? twice(once) : once();
    },
  };
}
