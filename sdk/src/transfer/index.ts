import type { Connection } from "../connect.ts";
import type { TrackIt } from "../trackit.ts";
import { exportStream } from "./stream.ts";

/** Import and export load when they are called: most pages never do. */
export function createTransfer(connection: Connection): Pick<TrackIt, "export" | "import"> {
  async function* chunks(options: Parameters<TrackIt["export"]>[0]): AsyncGenerator<string, void, undefined> {
    const { exportChunks } = await import("./export.ts");
    yield* exportChunks(connection, options);
  }
  return {
    export: (options) => exportStream(() => chunks(options)),
    async import(data, options) {
      const { importData } = await import("./import.ts");
      return importData(connection, data, options ?? {});
    },
  };
}
