import { randomInt } from "node:crypto";
import type { Log } from "../part.ts";
import { fileName, type MailDisk } from "./disk.ts";
import { type MailMessage, parseMessage } from "./message.ts";

/** Bounds of a mailbox: beyond either, the oldest messages go. */
export const maxMessages = 500;
export const maxBytes = 64 * 1024 * 1024;

/** The newest messages, newest first, in memory and on disk. */
export interface Mailbox {
  readonly messages: readonly MailMessage[];
  /** Parses and keeps one delivered message. @throws when it cannot be parsed or written */
  deliver(raw: Uint8Array): Promise<MailMessage>;
  find(id: string): MailMessage | undefined;
  setRead(messages: readonly MailMessage[], read: boolean): Promise<void>;
  remove(messages: readonly MailMessage[]): Promise<void>;
  /** Calls back after every change; returns its own unsubscribe. */
  watch(listener: () => void): () => void;
}

interface Kept extends MailMessage {
  file: string;
}

/** Opens a mailbox with what `disk` has kept; a file that no longer parses is left alone and logged. */
export async function openMailbox(disk: MailDisk, log: Log): Promise<Mailbox> {
  const box = new BoundedMailbox(disk, log);
  await box.restore();
  return box;
}

class BoundedMailbox implements Mailbox {
  messages: Kept[] = [];
  readonly #disk: MailDisk;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  #sequence = 0;

  constructor(disk: MailDisk, log: Log) {
    this.#disk = disk;
    this.#log = log;
  }

  async restore(): Promise<void> {
    for (const kept of await this.#disk.load()) {
      try {
        const message = await parseMessage(kept.raw, kept);
        this.messages.unshift({ ...message, file: fileName(message, this.#sequence++) });
      } catch (error) {
        this.#log.warn("mail.unreadable_file", { id: kept.id, reason: String(error) });
      }
    }
    await this.#trim();
  }

  async deliver(raw: Uint8Array): Promise<MailMessage> {
    const message = await parseMessage(raw, { id: newId(), received: new Date(), read: false });
    const kept = { ...message, file: fileName(message, this.#sequence++) };
    await this.#disk.write(kept.file, raw);
    this.messages.unshift(kept);
    await this.#trim();
    this.#changed();
    return kept;
  }

  find(id: string): MailMessage | undefined {
    return this.messages.find((message) => message.id === id);
  }

  async setRead(messages: readonly MailMessage[], read: boolean): Promise<void> {
    const ids = new Set(messages.filter((message) => message.read !== read).map((message) => message.id));
    if (ids.size === 0) return;
    // A copy, and a second look: mail may arrive or be deleted while a file is being renamed.
    for (const kept of [...this.messages]) {
      if (!ids.has(kept.id) || !this.messages.includes(kept)) continue;
      const file = kept.file.replace(/(\.seen)?\.eml$/, read ? ".seen.eml" : ".eml");
      await this.#disk.rename(kept.file, file);
      kept.read = read;
      kept.file = file;
    }
    this.#changed();
  }

  async remove(messages: readonly MailMessage[]): Promise<void> {
    const ids = new Set(messages.map((message) => message.id));
    const gone = this.messages.filter((message) => ids.has(message.id));
    this.messages = this.messages.filter((message) => !ids.has(message.id));
    await Promise.all(gone.map((message) => this.#disk.remove(message.file)));
    this.#changed();
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #trim(): Promise<void> {
    let bytes = 0;
    const over = this.messages.findIndex((message, index) => {
      bytes += message.raw.byteLength;
      return index >= maxMessages || bytes > maxBytes;
    });
    if (over === -1) return;
    const gone = this.messages.splice(over);
    await Promise.all(gone.map((message) => this.#disk.remove(message.file)));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** 22 characters without look-alikes, as Mailpit's ids are. */
function newId(): string {
  return Array.from({ length: 22 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
