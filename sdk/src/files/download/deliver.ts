import type { Bytes } from "../../crypto/bytes/index.ts";

/** Of a Blob that is put together: pieces are gathered, so that a large file is not a hundred thousand of them. */
const GATHER = 4 * 1_048_576;

export async function toBlob(content: AsyncGenerator<Bytes, void>, type: string): Promise<Blob> {
  const parts: Blob[] = [];
  let [pieces, bytes]: [Bytes[], number] = [[], 0];
  for await (const piece of content) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes < GATHER) continue;
    parts.push(new Blob(pieces));
    [pieces, bytes] = [[], 0];
  }
  return new Blob([...parts, ...pieces], { type: inert(type) });
}

/** What a browser would run when it is opened from a page's own origin is bytes, and no more. */
function inert(type: string): string {
  return /^(image\/(?!svg)|audio\/|video\/|application\/(pdf|json|zip)\b|text\/(plain|csv|markdown)\b)/.test(
    type,
  )
    ? type
    : "application/octet-stream";
}

export function toStream(content: AsyncGenerator<Bytes, void>): ReadableStream<Bytes> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await content.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await content.return()),
    },
    { highWaterMark: 0 },
  );
}

/** Writes a content into a target, which is aborted where it does not come whole, or does not come at all. */
export async function intoTarget<Opened>(
  target: WritableStream<Bytes>,
  open: () => Promise<{ file: Opened; content: AsyncGenerator<Bytes, void> }>,
): Promise<Opened> {
  const { file, content } = await open().catch(async (error: unknown) => {
    await target.abort(error).catch(() => {}); // Locked or broken already: the first cause counts.
    throw error;
  });
  await toStream(content).pipeTo(target);
  return file;
}
