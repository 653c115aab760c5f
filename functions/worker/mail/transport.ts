/** A mail that is ready to go. */
export interface Message {
  /** The same for every attempt: what a provider recognises a repeated mail by. */
  id: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

/** Hands a mail to a server that takes it from there. */
export interface Transport {
  /**
   * @returns what the server calls it, or null
   * @throws JobFailure with the server's code, final where it will never take this mail
   */
  send(message: Message): Promise<string | null>;
}
