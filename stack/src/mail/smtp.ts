import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { Log } from "../part.ts";
import type { Mailbox } from "./mailbox.ts";
import { envelopeHeader } from "./message.ts";

/** The largest message accepted, in bytes: SIZE says so before a byte is sent. */
export const maxMessageBytes = 5 * 1024 * 1024;

/** A listening SMTP sink. */
export interface SmtpSink {
  port: number;
  close(): Promise<void>;
}

/**
 * Accepts mail for any address on 127.0.0.1, without login or TLS, into `mailbox`.
 * @param port 0 for any free port
 * @throws EADDRINUSE when the port is taken
 */
export async function listenSmtp(port: number, mailbox: Mailbox, log: Log): Promise<SmtpSink> {
  const server = new SMTPServer({
    name: "localhost",
    banner: "TrackIt mailbox",
    size: maxMessageBytes,
    // No STARTTLS: the built-in certificate's key is public, and the sink never leaves loopback.
    disabledCommands: ["AUTH", "STARTTLS"],
    // A reverse look-up would ask a name server off this machine.
    disableReverseLookup: true,
    maxClients: 50,
    maxRecipients: 100,
    socketTimeout: 30_000,
    closeTimeout: 500,
    logger: false,
    onData: (stream, session, done) => {
      receive(stream, session, mailbox).then(
        (id) => done(null, `Kept as ${id}`),
        (error: Error) => {
          log.warn("mail.refused", { reason: error.message });
          done(error);
        },
      );
    },
  });
  server.on("error", (error) => log.debug("mail.smtp_error", { reason: error.message }));
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  mailbox: Mailbox,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  // Past the limit the rest is read and dropped: the client hears the refusal only after its last byte.
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Uint8Array);
  if (stream.sizeExceeded)
    throw refusal(552, `message is larger than ${maxMessageBytes} bytes: send a smaller one`);
  const raw = Buffer.concat([delivery(session), ...chunks]);
  try {
    return (await mailbox.deliver(raw)).id;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? 452 : 554;
    throw refusal(code, `message not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the last hop writes on top of a message: who sent it and to whom, as the envelope said. */
function delivery({ envelope }: SMTPServerSession): Buffer {
  const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
  const to = envelope.rcptTo.map((one) => one.address).join(", ");
  return Buffer.from(`Return-Path: <${from}>\r\n${envelopeHeader}: ${to}\r\n`);
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
