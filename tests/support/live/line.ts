import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { FrameSplitter, type ServerFrame } from "./frames.ts";

/** What becomes of what the database says, on its way to a device. */
export type Meddling = "pass" | "drop" | "twice" | "hold";

interface Counts {
  /** Connections that ended because of us. */
  cut: number;
  /** Connections that we let lie without a word. */
  frozen: number;
  /** Broadcasts of the database that were passed on once, kept from the device, passed on twice, or later. */
  passed: number;
  dropped: number;
  doubled: number;
  held: number;
  /** Channels that the server closed because their token had expired. */
  expired: number;
  /** Renewals of a session that we did not let through. */
  refused: number;
}

/** One connection through the line. */
interface Link {
  near: Socket;
  far: Socket;
  /** For a WebSocket: its frames. */
  splitter: FrameSplitter | null;
  /** Frames that are held back, in order. */
  held: ServerFrame[];
  frozen: boolean;
  /** Whether a channel of a user's topic was joined here. */
  joined: boolean;
}

/** The network between one device and the stack, with everything that can happen to it. */
export class Line {
  readonly counts: Counts = {
    cut: 0,
    frozen: 0,
    passed: 0,
    dropped: 0,
    doubled: 0,
    held: 0,
    expired: 0,
    refused: 0,
  };
  readonly #links = new Set<Link>();
  readonly #server: Server;
  readonly #target: { port: number; host: string };
  #state: "open" | "down" | "deaf" = "open";
  #meddling: Meddling = "pass";
  #renews = true;

  static async open(target: string): Promise<Line> {
    const line = new Line(target);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  private constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#target = { port: Number(port), host: hostname };
    this.#server = createServer((near) => this.#accept(near));
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  /** Every connection ends; new ones are let through. */
  cut(): void {
    for (const link of this.#links) this.#end(link);
  }

  /** Nobody gets through, and who is through is cut off. */
  down(): void {
    this.#state = "down";
    this.cut();
  }

  /** Requests arrive, and their answers are lost. */
  deaf(): void {
    this.#state = "deaf";
  }

  /** Connections that are there carry nothing any more, and nobody is told; new ones are let through. */
  freeze(): void {
    for (const link of this.#links) {
      if (link.frozen) continue;
      link.frozen = true;
      this.counts.frozen += 1;
    }
  }

  /** Connections that carry nothing any more end, as they do when a router says so at last. */
  thaw(): void {
    for (const link of this.#links) if (link.frozen) this.#end(link);
  }

  /** Whether a device has joined its topic on a connection that carries something. */
  get listens(): boolean {
    return [...this.#links].some(({ joined, frozen }) => joined && !frozen);
  }

  meddle(how: Meddling): void {
    this.#meddling = how;
    if (how !== "hold") for (const link of this.#links) this.#release(link);
  }

  /** Whether sessions can be renewed. */
  set renews(allowed: boolean) {
    this.#renews = allowed;
  }

  /** Requests and answers are let through again. */
  up(): void {
    this.#state = "open";
  }

  /** All is well from now on, and what lay silent is known to be over. */
  wellAgain(): void {
    this.up();
    this.thaw();
    this.#renews = true;
    this.meddle("pass");
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    near.on("error", () => {});
    if (this.#state === "down") return void near.destroy();
    const far = dial(this.#target);
    far.on("error", () => {});
    const link: Link = { near, far, splitter: null, held: [], frozen: false, joined: false };
    this.#links.add(link);
    near.on("data", (bytes) => this.#ask(link, bytes));
    far.on("data", (bytes) => this.#answer(link, bytes));
    near.on("close", () => this.#forget(link));
    far.on("close", () => link.frozen || this.#forget(link));
  }

  #ask(link: Link, bytes: Buffer): void {
    if (link.frozen) return;
    const head = bytes.subarray(0, 64).toString("latin1");
    if (!this.#renews && head.startsWith("POST /auth/v1/token")) {
      this.counts.refused += 1;
      this.#end(link);
      return;
    }
    if (head.startsWith("GET /realtime/v1/websocket")) link.splitter = new FrameSplitter();
    link.far.write(bytes);
  }

  #answer(link: Link, bytes: Buffer): void {
    if (link.frozen) return;
    if (this.#state === "deaf") this.#end(link);
    else if (!link.splitter) link.near.write(bytes);
    else for (const frame of link.splitter.push(bytes)) this.#pass(link, frame);
  }

  #pass(link: Link, frame: ServerFrame): void {
    if (frame.text?.includes("Token has expired")) this.counts.expired += 1;
    if (frame.text && joinOrClose.test(frame.text)) link.joined = !frame.text.includes('"phx_close"');
    const how = isFromDatabase(frame) ? this.#meddling : "pass";
    if (how === "hold" || link.held.length > 0) {
      this.counts.held += 1;
      return void link.held.push(frame);
    }
    if (how === "drop") {
      this.counts.dropped += 1;
      return;
    }
    link.near.write(frame.bytes);
    if (isFromDatabase(frame) && !isMove(frame)) this.counts.passed += 1;
    if (how !== "twice") return;
    this.counts.doubled += 1;
    link.near.write(frame.bytes);
  }

  #release(link: Link): void {
    if (!link.frozen) for (const { bytes } of link.held) link.near.write(bytes);
    link.held = [];
  }

  #end(link: Link): void {
    this.counts.cut += 1;
    this.#forget(link);
  }

  #forget(link: Link): void {
    this.#links.delete(link);
    link.near.destroy();
    link.far.destroy();
  }
}

const joinOrClose = /^\[[^,]*,[^,]*,"realtime:user:[^"]*",(?:"phx_reply",\{"status":"ok"|"phx_close")/;

/** The last word on a topic: whoever hears it does not listen on the next one yet. */
const isMove = ({ text }: ServerFrame): boolean => text?.includes('"event":"moved"') ?? false;

/** Whether a frame is what the database says on a user's topic: `[join_ref, ref, topic, "broadcast", …]`. */
const isFromDatabase = ({ text }: ServerFrame): boolean =>
  text !== null && /^\[[^,]*,[^,]*,"realtime:user:[^"]*","broadcast"/.test(text);
