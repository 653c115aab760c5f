import type { TestStack } from "./stack.ts";

export interface Mail {
  ID: string;
  To: { Address: string }[];
  Bcc: { Address: string }[];
  Subject: string;
  Text: string;
  HTML: string;
}

/** The mails to an address, newest first, as the mailbox lists them. */
export async function mailsTo(
  { env }: TestStack,
  address: string,
): Promise<Pick<Mail, "ID" | "To" | "Bcc">[]> {
  const answer = await fetch(`${env.MAILPIT_URL}/api/v1/search?query=to:${encodeURIComponent(address)}`);
  return ((await answer.json()) as { messages: Mail[] }).messages;
}

/** The newest mail to an address, whole. */
export async function newestMail(stack: TestStack, address: string): Promise<Mail> {
  const [newest] = await mailsTo(stack, address);
  if (!newest) throw new Error(`reading the newest mail to ${address}: there is none; wanted one`);
  const answer = await fetch(`${stack.env.MAILPIT_URL}/api/v1/message/${newest.ID}`);
  return (await answer.json()) as Mail;
}
