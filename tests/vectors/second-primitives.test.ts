import { describe, expect, it } from "vitest";
import { pad } from "../../sdk/src/crypto/bytes/index.ts";
import { openBytes, sealedLength } from "../../sdk/src/crypto/chunked/index.ts";
import {
  applyDeviceEntry,
  devicesAt,
  nameHashAt,
  openName,
  recoveryKey,
  startDeviceLog,
} from "../../sdk/src/crypto/device-log/index.ts";
import { decodeFileInfo, encodeFileInfo, openFile } from "../../sdk/src/crypto/file/index.ts";
import { doorToken, readFragment, unlock } from "../../sdk/src/crypto/link/index.ts";
import { backupKey, readRecoveryCode, recoveryKeys } from "../../sdk/src/crypto/recovery/index.ts";
import { encodeIdentity, safetyNumber } from "../../sdk/src/crypto/safety/index.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import { TAGS, type Tag } from "../../sdk/src/crypto/tags.ts";
import { bytes, hex, kept, logOf, unwrapKey } from "./kept.ts";
import { seal, seeded, t } from "./second/primitives.ts";
import { layout, offsets, table } from "./second/sheet.ts";

const suite = createSuite();

describe("the specification's own tables", () => {
  it("name every tag that the SDK has, and no other", () => {
    const named = table("2").flatMap(([tags = ""]) =>
      [...tags.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
    );
    expect(named.map((name) => `trackit/1/${name}`).sort()).toEqual(Object.values(TAGS).sort());
  });

  it("§21.3 gives the offsets that the layouts have", () => {
    const layouts: Record<string, Record<string, number>> = {
      "device log": offsets(layout("9.2")),
      "room log": offsets(layout("11.1")),
      commit: offsets(layout("14.1")),
      message: offsets(layout("15.1")),
      grant: offsets(layout("18")),
      "vault item": offsets(layout("19")),
    };
    for (const [names = "", at = ""] of table("21.3")) {
      const [object = "", columns = ""] = names.split(": ");
      const fields = columns.split(", ").map((name) => (name === "log seq" ? "room-log head" : name));
      const found = fields.map((name) => layouts[object]?.[name]);
      expect(`${object}: ${found.join(", ")}`).toBe(`${object}: ${at.replace(/ \(.*/, "")}`);
    }
  });
});

describe("what a second reading of §3 to §8 made", () => {
  it("hashes, MACs and expanded keys are the same", async () => {
    expect(hex(await suite.hash(kept.hash.tag as Tag, bytes(kept.hash.x)))).toBe(kept.hash.is);
    const macKey = await suite.hmacKey(bytes(kept.mac.key));
    const tagged = Buffer.concat([Buffer.from(`${kept.mac.tag}\0`), bytes(kept.mac.x)]);
    expect(hex(await suite.mac(macKey, tagged))).toBe(kept.mac.is);
    for (const { key, info, length, is } of kept.expand) {
      expect(hex(await suite.expand(await suite.hmacKey(bytes(key)), bytes(info), length))).toBe(is);
    }
  });

  it("padding has the same length", () => {
    for (const { length, padded } of kept.pad) expect(pad(new Uint8Array(length)).length).toBe(padded);
  });

  it.each(kept.sealed)(
    "$length bytes that it sealed open",
    async ({ key, context, length, hash, salt, seed }) => {
      const plain = seeded(seed, length);
      const sealed = new Uint8Array(
        seal(Buffer.from(key, "hex"), Buffer.from(salt, "hex"), Buffer.from(context, "hex"), plain),
      );
      expect(hex(await suite.hash(TAGS.file, sealed))).toBe(hash);
      expect(sealed.length).toBe(sealedLength(length));
      expect(hex(await openBytes(suite, await suite.hmacKey(bytes(key)), bytes(context), sealed))).toBe(
        hex(plain),
      );
    },
  );

  it("its signature verifies, and for nothing else", async () => {
    const { publicKey, id, hash, is } = kept.signature;
    const verify = (tag: Tag, about: string, by: string) =>
      suite.verify(bytes(publicKey), bytes(is), tag, bytes(about), bytes(by));
    expect(await verify(TAGS.messageSig, hash, id)).toBe(true);
    expect(await verify(TAGS.commitSig, hash, id)).toBe(false);
    expect(await verify(TAGS.messageSig, hash.replace(/^../, "00"), id)).toBe(false);
    expect(await verify(TAGS.messageSig, hash, id.replace(/^../, "00"))).toBe(false);
  });

  it("its wrap opens", async () => {
    const { to, label, secret, is } = kept.wrapped;
    expect(hex(await suite.unwrapBytes(await unwrapKey(to), bytes(is), bytes(label)))).toBe(secret);
  });

  it("its file info and ciphertext open", async () => {
    const info = decodeFileInfo(bytes(kept.links[0]?.info ?? ""));
    expect(hex(encodeFileInfo(info))).toBe(kept.links[0]?.info);
    expect(info).toMatchObject({ name: "route.gpx", version: 1 });
    const content = seeded("file.content", 40_000);
    const context = Buffer.concat([t("file"), info.id, Buffer.from("0000000000000001", "hex")]);
    const sealed = new Uint8Array(seal(Buffer.from(info.key), seeded("file.salt", 24), context, content));
    const opened: Uint8Array[] = [];
    for await (const part of openFile(suite, info, new Blob([sealed]).stream())) opened.push(part);
    expect(hex(Buffer.concat(opened))).toBe(hex(content));
  });

  it.each(kept.links)("its link with password $password opens", async (link) => {
    const fragment = readFragment(link.fragment);
    const { door, access, open } = await unlock(
      suite,
      fragment,
      link.password === null ? {} : { password: link.password },
    );
    expect([hex(door), hex(access)]).toEqual([link.door, link.access]);
    expect(hex(await doorToken(suite, fragment))).toBe(link.door);
    expect([
      hex(await suite.hash(TAGS.linkToken, door)),
      hex(await suite.hash(TAGS.linkToken, access)),
    ]).toEqual([link.doorHash, link.accessHash]);
    expect(hex(encodeFileInfo(await open(bytes(link.body))))).toBe(link.info);
  });

  it("the safety number and the code to scan are the same", async () => {
    const [ada, ben] = kept.people.map(({ user, root, head }) => ({
      user: bytes(user),
      root: bytes(root),
      head: { seq: Number.parseInt(head.slice(0, 16), 16), hash: bytes(head.slice(16)) },
    }));
    if (!ada || !ben) throw new Error("ada and ben are in the vectors");
    expect(await safetyNumber(suite, ada, ben)).toBe(kept.safety.number);
    expect(await safetyNumber(suite, ben, ada)).toBe(kept.safety.number);
    expect(encodeIdentity(ada, ben)).toBe(kept.safety.adaShows);
  });

  it("the recovery code gives the same keys", async () => {
    const scalar = await readRecoveryCode(suite, kept.recovery.code.toLowerCase());
    const ada = kept.people[0];
    expect(hex(await backupKey(suite, scalar, bytes(ada?.user ?? ""), bytes(ada?.root ?? "")))).toBe(
      kept.recovery.backupKey,
    );
    const keys = await recoveryKeys(suite, scalar, bytes(kept.recovery.publicKey));
    expect(keys.privateKey.extractable).toBe(false);
  });
});

describe("device logs that a second reading made", () => {
  it.each(kept.people)(
    "$name's rows are all valid and end at the same head",
    async ({ user, root, head, rows, salt, name }) => {
      let log = startDeviceLog(bytes(user), bytes(root));
      const verdicts: unknown[] = [];
      for (const row of rows) {
        const applied = await applyDeviceEntry(suite, log, bytes(row));
        log = applied.log;
        verdicts.push(applied.verdict);
      }
      expect(verdicts).toEqual(rows.map(() => "valid"));
      expect(log.head.seq).toBe(rows.length);
      expect(hex(log.head.hash)).toBe(head.slice(16));
      const opening = Buffer.concat([bytes(salt), Buffer.from([0, name.length]), Buffer.from(name)]);
      expect(await openName(suite, nameHashAt(log, 1) as never, new Uint8Array(opening))).toBe(name);
    },
  );

  it("ada's laptop is revoked and her recovery key stands", async () => {
    const log = await logOf(0);
    const named = (name: string) => kept.devices.find((device) => device.name === name)?.id;
    expect(devicesAt(log).map(({ id }) => hex(id))).toEqual([named("ada.phone")]);
    expect(devicesAt(log, 2).map(({ id }) => hex(id))).toEqual([named("ada.phone"), named("ada.laptop")]);
    expect(hex(recoveryKey(log)?.id as Uint8Array)).toBe(kept.recovery.keyId);
  });
});
