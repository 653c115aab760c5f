import type { Admin } from "../../_shared/admin.ts";
import { JobFailure, type Outcome } from "../drain.ts";
import type { Job } from "../queue.ts";
import { render } from "./render.ts";
import type { Mailing } from "./settings.ts";
import { templates } from "./templates.ts";

/** What the outbox gives out for one mail. */
export interface Letter {
  id: string;
  to: string;
  name: string;
  locale: string;
  time_zone: string;
  template: string;
  data: Record<string, unknown>;
  /** Switches this kind of mail off; null for a kind that cannot be. */
  token: string | null;
}

/**
 * Sends the mail that a job is about, unless it has gone already or is not wanted any more. Ended between the server's
 * yes and the note of it, the same mail is sent again under the same id: at least once, never silently not at all.
 */
export function createDelivery(admin: Admin, mailing: Mailing): (jobs: Job[]) => Promise<Outcome[]> {
  const deliver = async ({ id }: Job): Promise<Outcome> => {
    const letter = await admin.rpc<Letter | null>("worker_mail_begin", { mail: id });
    if (letter === null) return "repeated";
    const template = templates[letter.template];
    if (!template) throw new JobFailure(`no template ${letter.template}`, { final: true });
    const message = render(letter, template, mailing);
    const provider_id = await mailing.transport.send(message);
    await note(admin, { mail: id, provider_id });
    return "done";
  };
  return (jobs) => Promise.all(jobs.map(deliver));
}

/** Milliseconds to wait before the note is tried again: a server that restarts is back by then. */
const waits = [250, 500, 1000, 2000];

/** The mail server has it: a database that is away for a moment must not make the mail go twice. */
async function note(admin: Admin, sent: { mail: string; provider_id: string | null }): Promise<void> {
  for (const wait of waits) {
    const noted = await admin.rpc<boolean>("worker_mail_sent", sent).then(
      () => true,
      () => false,
    );
    if (noted) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  await admin.rpc<boolean>("worker_mail_sent", sent);
}
