import { setTimeout as wait } from "node:timers/promises";

interface Summary {
  ID: string;
}

/**
 * The six-digit code of the newest mail to an address, as its owner would read it; waits until the mail is there.
 * @param mailpit base URL of the mailbox
 * @param within milliseconds to wait for the mail
 * @throws Error when none comes in time
 */
export async function readCode(mailpit: string, address: string, within = 10_000): Promise<string> {
  const query = encodeURIComponent(`to:"${address}"`);
  for (const end = Date.now() + within; Date.now() < end; await wait(100)) {
    const found = (await getJson(`${mailpit}/api/v1/search?query=${query}`)) as { messages: Summary[] };
    const newest = found.messages[0];
    if (!newest) continue;
    const mail = (await getJson(`${mailpit}/api/v1/message/${newest.ID}`)) as { Text: string };
    const code = /\b\d{6}\b/.exec(mail.Text)?.[0];
    if (code) return code;
  }
  throw new Error(`no mail with a code came to ${address} within ${within / 1000} s`);
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`reading the mailbox: ${url} answered ${response.status}`);
  return response.json();
}
