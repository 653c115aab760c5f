import { createTransport } from "nodemailer";
import type { SmtpConfig } from "../config.ts";

export interface MailMessage {
  to: string;
  subject: string;
  html: string;
  text: string;
}

/** Where mail goes. `send` and `check` reject when the server does not take mail. */
export interface Mailer {
  send(message: MailMessage): Promise<void>;
  /** Connects and signs in as `send` does, and sends nothing. */
  check(): Promise<void>;
  close(): void;
}

// A sign-up waits for its mail: a server that does not answer is a failure, not a hung request.
const TIMEOUT_MS = 10_000;

/** Sends through an SMTP server; TLS from the start on port 465, else as the server offers it. */
export function createSmtpMailer(server: SmtpConfig): Mailer {
  const local = server.host === "127.0.0.1" || server.host === "localhost";
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.port === 465,
    ...(server.user ? { auth: { user: server.user, pass: server.pass ?? "" } } : {}),
    // The stack's own mailbox has no certificate; every other host must show a valid one.
    ...(local ? { ignoreTLS: true } : {}),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const from = { name: server.sender_name ?? "TrackIt", address: server.admin_email };
  return {
    async send(message) {
      await transport.sendMail({
        from,
        to: { name: "", address: message.to },
        subject: message.subject,
        html: message.html,
        text: message.text,
        // Keeps out-of-office answers away.
        headers: { "Auto-Submitted": "auto-generated" },
      });
    },
    async check() {
      await transport.verify();
    },
    close() {
      transport.close();
    },
  };
}

/** The mail server of config.toml, else the stack's mailbox on `port`. */
export function mailServer(configured: SmtpConfig | undefined, port: number): SmtpConfig {
  if (configured !== undefined && configured.enabled !== false) return configured;
  return { host: "127.0.0.1", port, admin_email: "no-reply@trackit.local" };
}
