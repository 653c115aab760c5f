import { describe, expect, it } from "vitest";
import { openApprovalAnswer, readApprovalRequest } from "../../sdk/src/crypto/approval/index.ts";
import { decodeDeviceEntry } from "../../sdk/src/crypto/device-log/index.ts";
import { decodeCommit } from "../../sdk/src/crypto/epoch/index.ts";
import { decodeGrant } from "../../sdk/src/crypto/grant/layout.ts";
import { decodeJoin } from "../../sdk/src/crypto/invite/index.ts";
import { readFragment, unlock } from "../../sdk/src/crypto/link/index.ts";
import { decodeMessage, decodeTombstone, tombstone } from "../../sdk/src/crypto/message/layout.ts";
import { openBackup } from "../../sdk/src/crypto/recovery/index.ts";
import { decodeRoomEntry } from "../../sdk/src/crypto/room-log/index.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import { TAGS, tagged } from "../../sdk/src/crypto/tags.ts";
import { openItem } from "../../sdk/src/crypto/vault/index.ts";
import { bytes, kept } from "./kept.ts";

const suite = createSuite();
const rows = kept.rooms.flatMap((room) => room.rows);
const rowsOf = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => bytes(row.bytes));
const messages = rowsOf("message");
const link = kept.links.find(({ password }) => password === null);
const self = kept.rooms[1];
const epoch = self?.commits[0];
if (!link || !self || !epoch) throw new Error("the vectors have a link, a self room and its epoch");

/** The vault's key in the self room of the vectors. */
async function vault() {
  const commit = bytes(epoch?.hash ?? "");
  const secret = await suite.hmacKey(bytes(epoch?.secret ?? ""));
  const key = await suite.expandKey(secret, tagged(TAGS.vaultRoot, commit));
  return { room: bytes(self?.id ?? ""), epoch: epoch?.epoch ?? 0, commit, key };
}

type Kind = [objects: readonly Uint8Array[], read: (given: Uint8Array) => unknown];

/** Every kind of object of the specification: some of each, and what reads it. */
const KINDS: Record<string, Kind> = {
  "device log entry": [kept.people.flatMap(({ rows: all }) => all.map(bytes)), decodeDeviceEntry],
  "room log entry": [rowsOf("entry"), decodeRoomEntry],
  commit: [rowsOf("commit"), decodeCommit],
  message: [messages, (given) => decodeMessage(suite, given)],
  tombstone: [
    await Promise.all(messages.map(async (one) => tombstone(await decodeMessage(suite, one)))),
    (given) => decodeTombstone(suite, given),
  ],
  grant: [[bytes(kept.grant)], decodeGrant],
  "request to join": [[bytes(kept.joining.request)], decodeJoin],
  "request for approval": [
    [bytes(kept.approval.request)],
    (given) => readApprovalRequest(suite, kept.approval.code, given),
  ],
  approval: [
    [bytes(kept.approval.answer)],
    (given) => openApprovalAnswer(suite, kept.approval.code, bytes(kept.approval.request), given),
  ],
  "vault item": [[bytes(kept.item)], async (given) => openItem(suite, await vault(), given)],
  backup: [
    [bytes(kept.recovery.backup)],
    (given) => openBackup(suite, bytes(kept.recovery.backupKey), given),
  ],
  "link body": [
    [bytes(link.body)],
    async (given) => (await unlock(suite, readFragment(link.fragment))).open(given),
  ],
};

async function isRead(read: Kind[1], given: Uint8Array): Promise<boolean> {
  try {
    await read(given);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "CRYPTO_OPEN_FAILED" });
    return false;
  }
}

describe("tag_swap_all_pairs: every object offered as every other kind", () => {
  it.each(Object.keys(KINDS))("%s: read as itself, and as nothing else", async (name) => {
    const [objects] = KINDS[name] as Kind;
    expect(objects.length).toBeGreaterThan(0);
    for (const [other, [, read]] of Object.entries(KINDS)) {
      for (const [at, given] of objects.entries()) {
        expect(await isRead(read, given), `${name} ${at} as ${other}`).toBe(name === other);
      }
    }
  });

  it.each(Object.keys(KINDS))(
    "%s: a byte cut, a byte added, nothing at all: each is refused",
    async (name) => {
      const [objects, read] = KINDS[name] as Kind;
      for (const given of objects) {
        const longer = new Uint8Array([...given, 0]);
        for (const wrong of [given.slice(0, -1), given.slice(1), longer, new Uint8Array()]) {
          expect(await isRead(read, wrong)).toBe(false);
        }
      }
    },
  );
});
