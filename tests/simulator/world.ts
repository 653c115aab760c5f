import type { Bytes } from "../../sdk/src/crypto/bytes/index.ts";
import { toHex } from "../../sdk/src/crypto/bytes/index.ts";
import type { DeviceLog, Signer } from "../../sdk/src/crypto/device-log/index.ts";
import type { EpochSecret } from "../../sdk/src/crypto/epoch/index.ts";
import type { Row } from "../../sdk/src/crypto/group/index.ts";
import { createSuite, type Suite } from "../../sdk/src/crypto/suite/index.ts";
import type { Client } from "./client.ts";

/** Numbers that a seed decides (mulberry32): the same seed is the same schedule. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(one: number): boolean {
    return this.next() < one;
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
}

/**
 * The suite, with two things that make schedules cheap and change no answer: a signature that was verified once is
 * looked up, and RSA is the ideal it stands for: what was wrapped for a key and a label opens with that key and label
 * alone.
 */
export function cheapSuite(): { suite: Suite; boxes: Boxes } {
  const real = createSuite();
  const verdicts = new Map<string, Promise<boolean>>();
  const verify: Suite["verify"] = (key, signature, tag, hash, id) => {
    const name = [key, signature, hash, id].map(toHex).join() + tag;
    const known = verdicts.get(name) ?? real.verify(key, signature, tag, hash, id);
    verdicts.set(name, known);
    return known;
  };
  return { suite: { ...real, verify }, boxes: new Boxes(real) };
}

export class Boxes {
  readonly #suite: Suite;
  readonly #held = new Map<string, { raw: Bytes; to: string; label: string }>();

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  async secret(): Promise<EpochSecret> {
    const raw = this.#suite.random(32);
    const wrap: EpochSecret["wrap"] = async (targets) =>
      targets.map((target) => {
        const box = this.#suite.random(384);
        this.#held.set(toHex(box), { raw, to: toHex(target.wrap), label: toHex(target.label) });
        return box;
      });
    return { key: await this.#suite.hmacKey(raw), wrap };
  }

  async open(wrapKey: string, box: Uint8Array, label: Uint8Array): Promise<CryptoKey | null> {
    const held = this.#held.get(toHex(box));
    return held?.to === wrapKey && held.label === toHex(label) ? this.#suite.hmacKey(held.raw) : null;
  }
}

/** Somebody, as they are: their log holds what they signed, and the rows that others slipped in. */
export interface Person {
  name: string;
  user: Bytes;
  /** As whoever reads all of it judges it. */
  log: DeviceLog;
  rows: Bytes[];
  devices: Device[];
  /** Devices that its owner revoked. */
  revoked: Set<string>;
}

export interface Device {
  signer: Signer;
  wrapKey: Bytes;
  /** In whose hands it is. */
  stolen: boolean;
}

/** One history of the room, as the server shows it to some. */
export interface View {
  rows: Row[];
  /** By place of the commit, by device id in hex. */
  wraps: Map<number, Map<string, Bytes>>;
}

/** A message that an honest device encrypted. */
export interface Said {
  device: string;
  text: string;
  /** Number and T of the row that its sender had read last. */
  seen: string;
  /** Devices that it was encrypted for. */
  recipients: Set<string>;
  /** Those of them that the sender knew to be revoked. */
  revoked: string[];
}

/** What honest devices have really done: the judge of what the others were made to believe. */
export interface Truth {
  /** By message hash in hex: who signed it, in which words, having read which history. */
  said: Map<string, Said>;
  /** Entries and commits, in hex, that honest devices signed. */
  signed: Set<string>;
  /** Wrap keys, in hex, of devices that their owners added. */
  wrapKeys: Map<string, string>;
  /** By device id in hex: the hash of the commit with which its owner ended it. */
  ended: Map<string, string>;
  /** Hashes in hex of what was signed with a stolen device after it had been dropped. */
  late: Set<string>;
}

export interface World {
  dice: Dice;
  suite: Suite;
  boxes: Boxes;
  room: Bytes;
  people: Person[];
  views: View[];
  clients: Client[];
  truth: Truth;
  /** What happened, for whoever reads a failed schedule. */
  story: string[];
  time: number;
}

/** A rule that did not hold. */
export class Violation extends Error {
  override name = "Violation";
}

export const same = (one: Uint8Array, other: Uint8Array): boolean => toHex(one) === toHex(other);
