import { type Bytes, concat, equal, toHex } from "../../crypto/bytes/index.ts";
import { decodeRoomEntry } from "../../crypto/room-log/index.ts";
import type { Change } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import { toUuid } from "../ids.ts";
import type { Folded } from "./fold.ts";

/** A record is a root, and after it 1 once its user has seen that line. */
export const ROOT_BYTES = 32;
export const resetsOf = (room: Uint8Array): string => `reset/${toHex(room)}/`;

/**
 * That somebody's identity ended here, by a valid row of the room's log: the row is judged once, the line stays. So it is
 * kept in one step with the place that says how far rows were judged: where that cannot be, both are there the next time.
 */
export class ResetLines {
  readonly #core: Core;
  readonly #open = new Map<string, Bytes>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Something is noted and not kept yet. */
  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  note({ effect, row }: Folded): void {
    if (row.kind !== "entry" || effect.verdict !== "valid") return;
    const { entry } = decodeRoomEntry(row.bytes);
    if (entry.op !== "erased" || equal(entry.user, this.#core.me.user)) return;
    this.#open.set(resetsOf(entry.room) + toUuid(entry.user), entry.userRoot);
  }

  /** Keeps changes of the keystore, and with them what is noted. */
  async keepWith(changes: readonly Change[]): Promise<void> {
    const { keystore } = this.#core;
    const noted = [...this.#open];
    const lines: Change[] = [];
    for (const [record, root] of noted) {
      const before = await keystore.get(record);
      if (before && equal(before.slice(0, ROOT_BYTES), root)) continue;
      lines.push({ record, value: concat(root, new Uint8Array([0])) });
    }
    const all = [...changes, ...lines];
    // Where another tab has pinned more, it has judged those rows as well: what is left to keep are the lines.
    if (all.length > 0 && !(await keystore.batch(all)) && lines.length > 0) await keystore.batch(lines);
    for (const [record, root] of noted) if (this.#open.get(record) === root) this.#open.delete(record);
  }
}
