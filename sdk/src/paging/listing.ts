import { invalid } from "../failure/invalid.ts";
import { throwIfAborted } from "../failure/network.ts";
import type { CallOptions, Listing, ListOptions, Page } from "../types.ts";

const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;
const DEFAULT_PAGE_SIZE = 100;

export type ReadPage<Row> = (after: string | null, limit: number, signal?: AbortSignal) => Promise<Page<Row>>;

/** Makes a list out of one function that reads a page. */
export function listing<Row>(
  read: ReadPage<Row>,
  { pageSize, signal }: ListOptions,
  action: string,
): Listing<Row> {
  const size = checkedLimit(pageSize ?? DEFAULT_PAGE_SIZE, "pageSize", action);

  async function* walk(stop: AbortSignal | undefined, most = size): AsyncGenerator<Row, void, undefined> {
    let after: string | null = null;
    do {
      const page: Page<Row> = await read(after, most, stop);
      for (const row of page.rows) {
        throwIfAborted(stop, action);
        yield row;
      }
      after = page.next;
    } while (after !== null);
  }

  return {
    [Symbol.asyncIterator]: () => walk(signal),
    page: async (options = {}) => {
      const limit = checkedLimit(options.limit ?? DEFAULT_LIMIT, "limit", action);
      return read(options.after ?? null, limit, options.signal ?? signal);
    },
    async toArray({ max, signal: own }: CallOptions & { max?: number | undefined } = {}) {
      if (max !== undefined && !(Number.isInteger(max) && max >= 0))
        throw invalid(action, "max", max, "a whole number from 0");
      const rows: Row[] = [];
      if (max === 0) return rows;
      for await (const row of walk(own ?? signal, Math.min(size, max ?? size))) {
        rows.push(row);
        if (rows.length === max) break;
      }
      return rows;
    },
  };
}

function checkedLimit(limit: number, field: string, action: string): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalid(action, field, limit, `a whole number from 1 to ${MAX_LIMIT}`);
}
