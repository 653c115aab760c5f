import { makeDevice, openDevice, sealDevice } from "../device.ts";
import { apply, listOf } from "../memory.ts";
import { makeSealKey, SEAL_USES, unreadable } from "../seal.ts";
import { type Device, type Entry, holds, type Seal, type Shelf, wiped } from "../shelf.ts";
import { Line } from "./line.ts";
import type { Vessel } from "./vessel.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Keys stand among the values, wrapped under the file's key; no sealed value has such a name. */
const SEAL_ID = "#seal/id";
const SEAL_KEY = "#seal/key";
const SIGN = "#device/sign";
const WRAP = "#device/wrap";
const PUBLIC_SIGN = "#device/public/sign";
const PUBLIC_WRAP = "#device/public/wrap";

const NONCE_BYTES = 12;

/** A file's values behind the keystore. */
export class FileShelf implements Shelf {
  readonly #vessel: Vessel;
  readonly #line: Line;
  #seal: Seal | null = null;
  #device: Device | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(vessel: Vessel, values: Map<string, Bytes>) {
    this.#vessel = vessel;
    this.#line = new Line(values, (next) => vessel.write(next));
  }

  seal(): Promise<Seal> {
    return this.#inTurn(async () => {
      this.#seal ??= (await this.#keptSeal()) ?? (await this.#newSeal());
      return this.#seal;
    });
  }

  device(seal: string): Promise<Device | null> {
    return this.#inTurn(async () => {
      this.#check(seal);
      this.#device ??= await this.#keptDevice();
      return this.#device;
    });
  }

  makeDevice(seal: string, instead: Uint8Array | null): Promise<Device> {
    return this.#inTurn(async () => {
      this.#check(seal);
      const present = this.#device ?? (await this.#keptDevice());
      if (present && !(instead && holds(present.public.sign, instead))) return present;
      this.#device = await this.#newDevice();
      return this.#device;
    });
  }

  async read(seal: string, keys: readonly string[]): Promise<(Bytes | null)[]> {
    const values = await this.#line.settled();
    this.#check(seal);
    return keys.map((key) => values.get(key) ?? null);
  }

  async list(seal: string, prefix: string): Promise<[key: string, value: Bytes][]> {
    const values = await this.#line.settled();
    this.#check(seal);
    return listOf(values, prefix);
  }

  async batch(seal: string, changes: readonly Entry[], guards: readonly Entry[]): Promise<boolean> {
    this.#check(seal);
    const hold = (values: ReadonlyMap<string, Bytes>) =>
      guards.every(([key, value]) => holds(values.get(key) ?? null, value));
    if (changes.length === 0) return hold(await this.#line.settled());
    return this.#line.change((values) => {
      if (!hold(values)) return false;
      for (const change of changes) apply(values, change);
      return true;
    });
  }

  wipe(): Promise<void> {
    return this.#inTurn(async () => {
      this.#seal = this.#device = null;
      await this.#line.clear(() => this.#vessel.remove());
    });
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#line.settled();
    await this.#vessel.release();
  }

  #check(seal: string): void {
    if (this.#seal?.id !== seal) throw wiped();
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  #put(entries: readonly (readonly [string, Bytes])[]): Promise<boolean> {
    return this.#line.change((values) => {
      for (const entry of entries) apply(values, entry);
      return true;
    });
  }

  async #keptSeal(): Promise<Seal | null> {
    const values = await this.#line.settled();
    const [id, sealed] = [values.get(SEAL_ID), values.get(SEAL_KEY)];
    if (!id || !sealed) return null;
    const iv = sealed.slice(0, NONCE_BYTES);
    const body = sealed.slice(NONCE_BYTES);
    const how = { name: "AES-GCM", iv };
    const key = await crypto.subtle
      .unwrapKey("raw", body, this.#vessel.key, how, "AES-GCM", false, SEAL_USES)
      .catch(() => {
        throw unreadable();
      });
    return { id: new TextDecoder().decode(id), key };
  }

  async #newSeal(): Promise<Seal> {
    const id = crypto.randomUUID();
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const how = { name: "AES-GCM", iv };
    const sealed = await crypto.subtle.wrapKey("raw", await makeSealKey(true), this.#vessel.key, how);
    await this.#put([
      [SEAL_ID, new TextEncoder().encode(id) as Bytes],
      [SEAL_KEY, new Uint8Array([...iv, ...new Uint8Array(sealed)])],
    ]);
    const kept = await this.#keptSeal();
    if (!kept) throw unreadable();
    return kept;
  }

  async #keptDevice(): Promise<Device | null> {
    const values = await this.#line.settled();
    const [sign, wrap] = [values.get(SIGN), values.get(WRAP)];
    const [publicSign, publicWrap] = [values.get(PUBLIC_SIGN), values.get(PUBLIC_WRAP)];
    if (!sign || !wrap || !publicSign || !publicWrap) return null;
    const publicKeys = { sign: publicSign, wrap: publicWrap };
    return openDevice(this.#vessel.key, publicKeys, { sign, wrap }).catch(() => {
      throw unreadable();
    });
  }

  /** Extractable for as long as it takes to wrap them; what is used afterwards was read back and is not. */
  async #newDevice(): Promise<Device> {
    const made = await makeDevice(true);
    const { sign, wrap } = await sealDevice(this.#vessel.key, made);
    await this.#put([
      [SIGN, sign],
      [WRAP, wrap],
      [PUBLIC_SIGN, made.public.sign],
      [PUBLIC_WRAP, made.public.wrap],
    ]);
    return openDevice(this.#vessel.key, made.public, { sign, wrap });
  }
}
