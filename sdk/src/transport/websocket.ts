type Message = string | ArrayBufferLike | ArrayBufferView | Blob;
type Handler = ((event: Event) => void) | null;

/**
 * A WebSocket for Node 20, which has none: opens npm's `ws` when the first connection is made and passes everything
 * on. Loading by `import()` keeps `ws` out of every other runtime.
 */
export class LazyWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly url: string;
  binaryType: BinaryType = "arraybuffer";
  onopen: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  onmessage: Handler = null;
  #socket: WebSocket | null = null;
  #closed = false;

  constructor(address: string | URL, protocols?: string | string[]) {
    this.url = String(address);
    void this.#open(protocols);
  }

  get readyState(): number {
    if (this.#socket) return this.#socket.readyState;
    return this.#closed ? this.CLOSED : this.CONNECTING;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? "";
  }

  get extensions(): string {
    return this.#socket?.extensions ?? "";
  }

  send(data: Message): void {
    if (!this.#socket) throw new Error("The connection is not open yet");
    this.#socket.send(data as string);
  }

  close(code?: number, reason?: string): void {
    if (this.#socket) this.#socket.close(code, reason);
    else this.#closed = true;
  }

  addEventListener(type: string, listener: EventListener): void {
    this.#socket?.addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: EventListener): void {
    this.#socket?.removeEventListener(type, listener);
  }

  dispatchEvent(event: Event): boolean {
    return this.#socket?.dispatchEvent(event) ?? false;
  }

  async #open(protocols?: string | string[]): Promise<void> {
    try {
      const { WebSocket: Socket } = await import("ws");
      if (this.#closed) return void this.onclose?.(new Event("close"));
      const socket = new Socket(this.url, protocols) as unknown as WebSocket;
      this.#socket = socket;
      socket.binaryType = this.binaryType;
      socket.onopen = (event) => this.onopen?.(event);
      socket.onclose = (event) => this.onclose?.(event);
      socket.onerror = (event) => this.onerror?.(event);
      socket.onmessage = (event) => this.onmessage?.(event);
    } catch {
      this.#closed = true;
      this.onerror?.(new Event("error"));
      this.onclose?.(new Event("close"));
    }
  }
}
