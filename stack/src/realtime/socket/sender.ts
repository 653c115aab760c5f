import type { Duplex } from "node:stream";

/** Bytes that may wait for a consumer before it is cut off: a few of the largest messages. */
const patience = 16 * 1024 * 1024;

/**
 * Writes ready frames to a socket. What one turn of the event loop sends leaves in one write, and a consumer that
 * does not read is cut off alone, so that nobody's memory is held by somebody who sleeps.
 */
export class Sender {
  readonly #socket: Duplex;
  readonly #onSlow: () => void;
  #waiting: Buffer[] = [];
  #bytes = 0;

  constructor(socket: Duplex, onSlow: () => void) {
    this.#socket = socket;
    this.#onSlow = onSlow;
  }

  send(frame: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (this.#bytes + this.#socket.writableLength + frame.length > patience) {
      this.#cut();
      return;
    }
    if (this.#waiting.push(frame) === 1) schedule(this);
    this.#bytes += frame.length;
  }

  flush(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (frames.length === 1 && frames[0]) {
      this.#socket.write(frames[0]);
      return;
    }
    this.#socket.cork();
    for (const frame of frames) this.#socket.write(frame);
    this.#socket.uncork();
  }

  #cut(): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.#onSlow();
  }
}

let ready: Sender[] = [];

function schedule(sender: Sender): void {
  if (ready.push(sender) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const senders = ready;
  ready = [];
  for (const sender of senders) sender.flush();
}
