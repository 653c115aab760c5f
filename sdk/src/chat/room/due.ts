import { toBase64url, toHex } from "../../crypto/bytes/index.ts";
import type { CommitReason, Epoch } from "../../crypto/epoch/index.ts";
import { type Group, keysOf, type Row } from "../../crypto/group/index.ts";
import type { RoomChange } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Change } from "../../store/keys/types.ts";
import type { WireRow } from "../wire.ts";
import { seenOf, wireStep } from "./change.ts";
import type { RoomEngine } from "./engine.ts";
import { secretName } from "./fold.ts";

/** An epoch that is begun in the same call as the messages in it. */
export interface Due {
  /** What `send_messages` takes. */
  change: ReturnType<typeof wireStep> & { seen: ReturnType<typeof seenOf> & { seq: number } };
  /** The room as it will stand if nobody comes first: messages name its last row. */
  planned: Group;
  epoch: Epoch;
  /** The last row that it rests on. */
  base: number;
  /** Its rows, but for when the server took them. */
  rows: Omit<WireRow, "at">[];
  /** Keeps the epoch's secret before anybody else can know of it. */
  keep: Change | null;
  /** What the keystore calls that secret. */
  secret: string;
  /** The server has refused it, for good: a row came first. */
  refused: boolean;
}

/**
 * Within a turn: makes the epoch that is due, and the room with it on top. Whoever sends in it names the place of its
 * commit, so the server takes both only where no row has come in between.
 *
 * @param changes Entries that go before the commit.
 */
export async function makeDue(
  engine: RoomEngine,
  changes: readonly RoomChange[],
  reason: CommitReason,
  action: string,
): Promise<Due> {
  const { cipher, core, group, room } = engine;
  const devices = core.directory.logs;
  const step = await cipher.change(group, changes, { devices, time: Date.now(), reason });
  const base = group.room.transcript.place.seq;
  const own = step.wraps.find(({ device }) => toHex(device) === toHex(core.me.signer.id));
  const all: Omit<Row, "columns">[] = [
    ...step.entries.map((bytes) => ({ kind: "entry" as const, bytes, place: 0 })),
    { kind: "commit", bytes: step.commit, place: 0 },
  ];
  let planned = group;
  for (const [at, row] of all.entries()) {
    const next = { ...row, place: base + at + 1 } as Row;
    const { state, effect } = await cipher.apply(planned, next, { devices, wrap: own?.wrap ?? null });
    if (effect.verdict !== "valid")
      throw new TrackItError(
        "CRYPTO_UNREADABLE",
        `${action}: the next epoch is void (${effect.verdict.void})`,
      );
    planned = state;
  }
  const epoch = planned.room.epochs.last as Epoch;
  const key = keysOf(planned)?.secret;
  const secret = secretName(room, epoch.hash);
  return {
    change: { ...wireStep(step), seen: { ...seenOf(core, group), seq: base } },
    ...{ planned, epoch, base, secret, refused: false },
    rows: all.map(({ kind, bytes }, at) => {
      return {
        seq: base + at + 1,
        kind: kind as WireRow["kind"],
        bytes: toBase64url(bytes),
        by: core.me.userId,
      };
    }),
    keep: key ? core.me.keep(secret, key) : null,
  };
}
