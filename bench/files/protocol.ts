/** What a client's process is asked. */
export type Question =
  | { kind: "enter" }
  | { kind: "send" | "save"; file: string }
  /** Of what was sent last. */
  | { kind: "link" };

export type Answer = { said: string } | { error: string };
