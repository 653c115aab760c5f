import type { Connection } from "../connect.ts";
import type { TrackIt } from "../trackit.ts";

/** Import and export load when they are called: most pages never do. */
export function createTransfer(connection: Connection): Pick<TrackIt, "export" | "import"> {
  async function* chunks(options: Parameters<TrackIt["export"]>[0]): AsyncGenerator<string, void, undefined> {
    const { exportChunks } = await import("./export.ts");
    yield* exportChunks(connection, options);
  }
  return {
    export: (options) => ({
      [Symbol.asyncIterator]: () => chunks(options),
      async text() {
        const parts: string[] = [];
        for await (const part of chunks(options)) parts.push(part);
        return parts.join("");
      },
    }),
    async import(data, options) {
      const { importData } = await import("./import.ts");
      return importData(connection, data, options ?? {});
    },
  };
}
