import { connect, type Socket } from "node:net";

/** One connection to Storage, on which bytes go out as a test writes them. */
export class Wire {
  readonly #socket: Socket;
  readonly #headers: Record<string, string>;
  readonly #ended: Promise<void>;
  #text = "";
  #heard: () => void = () => {};

  /** @param headers what every request carries */
  constructor(url: string, headers: Record<string, string>) {
    const { hostname, port } = new URL(url);
    this.#headers = headers;
    this.#socket = connect(Number(port), hostname);
    this.#socket.on("data", (bytes) => {
      this.#text += bytes.toString("latin1");
      this.#heard();
    });
    this.#socket.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#socket.on("close", () => {
        this.#heard();
        resolve();
      });
    });
  }

  /** A request; nothing of it is set right. */
  send(method: string, path: string, headers: Record<string, string | number>, body = ""): void {
    const lines = Object.entries({ host: "x", ...this.#headers, ...headers });
    this.raw(
      `${method} /storage/v1${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
    );
  }

  raw(bytes: string): void {
    this.#socket.write(bytes);
  }

  /** Says that nothing more comes. */
  hangUp(): void {
    this.#socket.end();
  }

  /** Everything that came until the server closed the connection. */
  async end(): Promise<string> {
    await this.#ended;
    return this.#text;
  }

  /** Until enough has come, or the connection is closed. */
  async until(enough: (text: string) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#heard = () => {
        if (enough(this.#text) || this.#socket.destroyed) resolve();
      };
      this.#heard();
    });
  }

  /** Everything that came, and the answer to one more request on the same connection. */
  async healthy(): Promise<string> {
    this.send("GET", "/status", {});
    await this.until((text) => text.includes('{"healthy":true}'));
    this.#socket.destroy();
    return this.#text;
  }

  static statuses(text: string): string[] {
    return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? "");
  }
}
