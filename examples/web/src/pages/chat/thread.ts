import type { Message } from "@trackit/sdk";

/** Messages of one conversation, oldest first; what waits to be sent stands last. */
export type Thread = readonly Message[];

/** The thread with later states of messages in it. */
export function withMessages(thread: Thread, messages: readonly Message[]): Thread {
  const byId = new Map(thread.map((message) => [message.id, message]));
  for (const message of messages) byId.set(message.id, message);
  return [...byId.values()].sort(inOrder);
}

function inOrder(a: Message, b: Message): number {
  if (a.seq !== null && b.seq !== null) return a.seq - b.seq;
  if (a.seq === null && b.seq === null) return a.at < b.at ? -1 : Number(a.at > b.at);
  return a.seq === null ? 1 : -1;
}

/** The thread as it is shown: by day, in the reader's time zone. */
export function byDay(thread: Thread): { day: string; messages: Message[] }[] {
  const days: { day: string; messages: Message[] }[] = [];
  for (const message of thread) {
    const last = days.at(-1);
    if (last && new Date(last.day).toDateString() === new Date(message.at).toDateString())
      last.messages.push(message);
    else days.push({ day: message.at, messages: [message] });
  }
  return days;
}

/** So many that cannot be read, one after the other and for one reason, are shown as one. */
const MANY = 3;

/** Messages as they are shown: each by itself, and rows of what cannot be read for one reason together. */
export function inRuns(messages: readonly Message[]): Message[][] {
  const runs: Message[][] = [];
  for (const message of messages) {
    const [before] = runs.at(-1) ?? [];
    const isSame = before && isUnread(before) && isUnread(message);
    if (isSame && before.problem?.cause === message.problem?.cause) runs.at(-1)?.push(message);
    else runs.push([message]);
  }
  return runs.flatMap((run) => (run.length < MANY ? run.map((one) => [one]) : [run]));
}

const isUnread = ({ gap, status }: Message): boolean => status === "unreadable" && gap === 0;
