import { afterEach, describe, expect, it, vi } from "vitest";
import type { Bytes } from "../../crypto/bytes/index.ts";
import { intoTarget } from "./deliver.ts";

const file = { name: "notes.txt" };
const failure = new Error("the network is gone");

/** A content, and what became of it. */
function contentOf(pieces: Bytes[], end?: Error) {
  const heard = { ended: false };
  const content = (async function* () {
    try {
      yield* pieces;
      if (end) throw end;
    } finally {
      heard.ended = true;
    }
  })();
  return { heard, open: async () => ({ file, content }) };
}

function targetOf(write: (piece: Bytes) => void = () => {}) {
  const heard = { pieces: [] as number[][], closed: false, aborted: undefined as unknown };
  const sink: UnderlyingSink<Bytes> = {
    write: (piece) => {
      write(piece);
      heard.pieces.push([...piece]);
    },
    close: () => {
      heard.closed = true;
    },
    abort: (reason) => {
      heard.aborted = reason;
    },
  };
  return { heard, sink };
}

const some = (): Bytes[] => [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5, 6)];

afterEach(() => vi.unstubAllGlobals());

describe("what is saved", () => {
  it("comes piece by piece, and is closed at its end", async () => {
    const { heard, sink } = targetOf();
    const pieces = some();
    expect(await intoTarget(new WritableStream(sink), contentOf(pieces).open)).toBe(file);
    expect(heard).toEqual({ pieces: [[1, 2], [3], [4, 5, 6]], closed: true, aborted: undefined });
    // Whoever is behind a stream may keep what came.
    expect(pieces).toEqual(some());
  });

  it("is aborted with the reason where it does not come whole, or cannot be opened", async () => {
    const half = targetOf();
    const saving = intoTarget(new WritableStream(half.sink), contentOf(some(), failure).open);
    await expect(saving).rejects.toBe(failure);
    expect([half.heard.aborted, half.heard.closed]).toEqual([failure, false]);

    const none = targetOf();
    const refused = intoTarget(new WritableStream(none.sink), () => Promise.reject(failure));
    await expect(refused).rejects.toBe(failure);
    expect(none.heard).toEqual({ pieces: [], closed: false, aborted: failure });
  });

  it("lets go of its source where the target takes no more", async () => {
    const full = new Error("the disk is full");
    const { sink } = targetOf(([first]) => {
      if (first === 3) throw full;
    });
    const content = contentOf(some());
    await expect(intoTarget(new WritableStream(sink), content.open)).rejects.toBe(full);
    await expect.poll(() => content.heard.ended).toBe(true);
  });

  it("is given back piece by piece once a file has it", async () => {
    class FileTarget extends WritableStream<Bytes> {}
    vi.stubGlobal("FileSystemWritableFileStream", FileTarget);
    const { heard, sink } = targetOf();
    const pieces = some();
    await intoTarget(new FileTarget(sink), contentOf(pieces).open);
    expect(heard.pieces).toEqual([[1, 2], [3], [4, 5, 6]]);
    expect(pieces.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0, 0]);
  });

  it("lets the browser collect after each 8 MiB of a file, and nowhere else", async () => {
    class FileTarget extends WritableStream<Bytes> {}
    vi.stubGlobal("FileSystemWritableFileStream", FileTarget);
    const waits = vi.spyOn(globalThis, "setTimeout");
    for (const [target, breaths] of [
      [new FileTarget(), 2],
      [new WritableStream<Bytes>(), 0],
    ] as const) {
      waits.mockClear();
      const pieces = Array.from({ length: 5 }, () => new Uint8Array(4 * 1_048_576));
      await intoTarget(target, contentOf(pieces).open);
      expect(waits.mock.calls.filter(([, ms]) => ms === 30)).toHaveLength(breaths);
    }
    waits.mockRestore();
  });
});
