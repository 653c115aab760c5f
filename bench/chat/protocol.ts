/** Where a client sits, and how it talks: what a process of clients needs to open one. */
export type Seat =
  | { kind: "trackit"; url: string; key: string; token: string; userId: string; room: string; topic: string }
  | { kind: "prosody"; port: number; user: string; room: string }
  | { kind: "sdk"; url: string; key: string; email: string; password: string };

/** What a process of clients is asked, one question at a time. */
export type Question =
  | { kind: "open"; seats: Seat[] }
  /** With the SDK: makes the room and gives its id, or opens it. */
  | { kind: "room"; room: string | null; members: string[] }
  /** The first client says so many, `batch` in a call, with at most `window` unheard, or so many each second. */
  | { kind: "say"; count: number; batch: number; window: number; perSecond?: number }
  /** Until the clients have heard so many in sum. */
  | { kind: "hear"; count: number };

/** When something began or ended by the machine's own clock (ns), and how long deliveries took (ms). */
export interface Answer {
  at: number;
  took: number[];
  room?: string;
  error?: string;
}

/** Somebody in a room, who hears every text once. */
export interface Client {
  say(texts: readonly string[]): Promise<void>;
  /** Only with the SDK, where a room is made by its members' devices. */
  enter?(room: string | null, members: string[]): Promise<string>;
}

export type Heard = (text: string) => void;

/** One clock for all processes of a machine. */
export const now = (): number => Number(process.hrtime.bigint());

/** Digits of the time at the beginning of each text. */
const DIGITS = 20;
const filler = "x".repeat(256 - DIGITS);

/** 256 bytes that begin with the time. */
export const text = (): string => now().toString().padStart(DIGITS, "0") + filler;

export const stampOf = (said: string): number => Number(said.slice(0, DIGITS));
