import { type Bytes, release } from "../../crypto/bytes/index.ts";

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
  await pour(content, target);
  return file;
}

/**
 * What a browser makes for each call of WebCrypto is collected in the time that is left over, and a disk beside the server
 * leaves none: after so many bytes of a file it is given some. On a line of 500 Mbit/s nothing is lost by it.
 */
const [BREATH_AFTER, BREATH_MS] = [8 * 1_048_576, 30];

/** While a piece is written, the next is made. */
async function pour(content: AsyncGenerator<Bytes, void>, target: WritableStream<Bytes>): Promise<void> {
  const writer = target.getWriter();
  const isFile = copies(target);
  let written = 0;
  try {
    let next = content.next();
    for (let step = await next; !step.done; step = await next) {
      next = content.next();
      next.catch(() => {}); // Heard when its turn comes.
      await writer.write(step.value);
      if (!isFile) continue;
      written += step.value.length;
      release([step.value]);
      if (written < BREATH_AFTER) continue;
      written = 0;
      await new Promise((resolve) => setTimeout(resolve, BREATH_MS));
    }
    await writer.close();
  } catch (error) {
    content.return().catch(() => {}); // It ends with what it is waiting for, which nobody else need wait for.
    await writer.abort(error).catch(() => {});
    throw error;
  } finally {
    writer.releaseLock();
  }
}

/** Whether it keeps no piece that it has written: of any other target nobody knows. */
const copies = (target: WritableStream): boolean =>
  typeof FileSystemWritableFileStream !== "undefined" && target instanceof FileSystemWritableFileStream;
