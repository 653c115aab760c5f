import { join } from "node:path";
import type { Log } from "../part.ts";
import { apiRoutes } from "./api.ts";
import { noDisk, openDisk } from "./disk.ts";
import { createEvents } from "./events.ts";
import { listenHttp } from "./http.ts";
import { openMailbox } from "./mailbox.ts";
import { pageRoutes } from "./page/routes.ts";
import { listenSmtp } from "./smtp.ts";

export interface MailOptions {
  /** 0 for any free port. */
  smtpPort: number;
  /** 0 for any free port. */
  httpPort: number;
  /** The stack's data directory; mail goes to `mail/` in it. Null keeps mail in memory only. */
  dataDir: string | null;
  log: Log;
}

/** A running mailbox: every mail that the stack sends ends here, for people and tests to read. */
export interface MailPart {
  smtpPort: number;
  httpPort: number;
  close(): Promise<void>;
}

/**
 * Starts the SMTP sink and the mailbox (page and Mailpit's JSON API), both on 127.0.0.1.
 * @throws EADDRINUSE when a port is taken; nothing is left listening then
 */
export async function createMail({ smtpPort, httpPort, dataDir, log }: MailOptions): Promise<MailPart> {
  const disk = dataDir === null ? noDisk : await openDisk(join(dataDir, "mail"));
  const mailbox = await openMailbox(disk, log);
  const events = createEvents(mailbox);
  const smtp = await listenSmtp(smtpPort, mailbox, log);
  try {
    const routes = [...apiRoutes(mailbox), ...pageRoutes];
    const http = await listenHttp(httpPort, routes, events.stream, log);
    return {
      smtpPort: smtp.port,
      httpPort: http.port,
      async close() {
        events.close();
        await Promise.all([smtp.close(), http.close()]);
      },
    };
  } catch (error) {
    events.close();
    await smtp.close();
    throw error;
  }
}
