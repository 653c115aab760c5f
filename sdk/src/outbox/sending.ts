/** How a kept write is sent, or one that is tried before it is kept. */
export interface Sending {
  action: string;
  /** The version that the change is based on; null for none, which takes whatever is there. */
  base: number | null;
  /** Whether a row that has moved on is changed all the same, as a call without `version` does. */
  lastWins: boolean;
  /** Whether it has been tried before, so that it may be written already. */
  isRepeated: boolean;
  signal?: AbortSignal | undefined;
}
