import { type Bytes, Reader, Writer } from "../../crypto/bytes/index.ts";
import { TAGS, type Tag } from "../../crypto/tags.ts";
import { invalid } from "../../failure/invalid.ts";
import { checkBytes, checkChanges, checkGuard, checkName } from "./check.ts";
import { signAs, wrapFor } from "./device.ts";
import { inPassing } from "./passing.ts";
import * as sealing from "./seal.ts";
import { type Device, type Entry, holds, type Seal, type Shelf } from "./shelf.ts";
import type {
  Change,
  DeviceKeys,
  Guard,
  Keystore,
  Pin,
  Place,
  Recipient,
  Secret,
  SecretsUse,
} from "./types.ts";

/** Wraps under way at once: enough for every core, few enough that memory stays flat. */
const AT_ONCE = 64;
const HASH_BYTES = 32;
const ID_BYTES = 16;
/** So that no script of a page gets a signature for another purpose. */
const KNOWN: ReadonlySet<string> = new Set(Object.values(TAGS).filter((tag) => tag.endsWith("-sig")));
const RECORD = "record/";
const SECRET = "secret/";
const PIN = "pin/";
const ELSEWHERE = "elsewhere/";

/**
 * The keystore itself, the same in a worker, a page and Node: everything but where things stand.
 *
 * @param context what values are bound to beside their names: project and user.
 */
export class Engine implements Omit<Keystore, "withSecrets"> {
  readonly place: Place;
  readonly #shelf: Shelf;
  readonly #context: string;
  #seal: Promise<Seal> | null = null;

  constructor(shelf: Shelf, context: string, place: Place) {
    this.#shelf = shelf;
    this.#context = context;
    this.place = place;
  }

  async device(): Promise<DeviceKeys | null> {
    const { id } = await this.#sealed();
    return (await this.#shelf.device(id))?.public ?? null;
  }

  async generate({ instead }: { instead?: Uint8Array } = {}): Promise<DeviceKeys> {
    if (instead !== undefined) checkBytes("generate", "instead", instead, 65);
    const { id } = await this.#sealed();
    return (await this.#shelf.makeDevice(id, instead ?? null)).public;
  }

  async sign(tag: Tag, objectHash: Uint8Array, signerId: Uint8Array): Promise<Bytes> {
    if (!KNOWN.has(tag)) throw invalid("keystore.sign", "tag", tag, "a signature tag of the protocol");
    checkBytes("sign", "objectHash", objectHash, HASH_BYTES);
    checkBytes("sign", "signerId", signerId, ID_BYTES);
    return signAs(await this.#device("sign"), tag, objectHash, signerId);
  }

  async unwrap(id: string, wrapped: Uint8Array, label: Uint8Array): Promise<Secret | null> {
    checkName("unwrap", id);
    checkBytes("unwrap", "label", label);
    checkBytes("unwrap", "wrapped", wrapped);
    const { wrap } = await this.#device("unwrap");
    const open = await sealing.unwrapSecretKey(wrap, wrapped, label);
    return open && this.#secretOf(id, open);
  }

  async makeSecret(id: string): Promise<Secret> {
    checkName("makeSecret", id);
    return this.#kept(await this.#secretOf(id, await sealing.secretKey()));
  }

  async sealSecret(id: string, bytes: Uint8Array): Promise<Secret> {
    checkName("sealSecret", id);
    checkBytes("sealSecret", "bytes", bytes, sealing.SECRET_BYTES);
    return this.#kept(await this.#secretOf(id, await sealing.secretKey(bytes)));
  }

  async wrap(id: string, sealed: Uint8Array, recipients: readonly Recipient[]): Promise<Bytes[]> {
    checkName("wrap", id);
    checkBytes("wrap", "sealed", sealed);
    const { key } = await this.#sealed();
    const open = await sealing.openSecretKey(key, this.#place(SECRET + id), sealed, true);
    const wraps: Bytes[] = [];
    for (let at = 0; at < recipients.length; at += AT_ONCE) {
      const some = recipients.slice(at, at + AT_ONCE);
      wraps.push(...(await Promise.all(some.map((one) => wrapFor(open, one)))));
    }
    return wraps;
  }

  async secret(id: string): Promise<CryptoKey | null> {
    checkName("secret", id);
    const { id: seal, key } = await this.#sealed();
    const [sealed] = await this.#shelf.read(seal, [SECRET + id]);
    return sealed ? sealing.openSecretKey(key, this.#place(SECRET + id), sealed) : null;
  }

  async secrets(prefix: string): Promise<string[]> {
    const found = await this.#shelf.list((await this.#sealed()).id, SECRET + prefix);
    return found.map(([name]) => name.slice(SECRET.length));
  }

  /** The bytes of secrets: the caller overwrites them. */
  async openSecrets(ids: readonly string[]): Promise<(Bytes | null)[]> {
    for (const id of ids) checkName("withSecrets", id);
    return this.#read(ids.map((id) => SECRET + id));
  }

  async pin(name: string): Promise<Pin | null> {
    checkName("pin", name);
    const [bytes] = await this.#read([PIN + name]);
    return bytes ? toPin(bytes) : null;
  }

  async get(name: string): Promise<Bytes | null> {
    checkName("get", name);
    const [bytes] = await this.#read([RECORD + name]);
    return bytes ?? null;
  }

  async list(prefix: string): Promise<[name: string, value: Bytes][]> {
    const { id, key } = await this.#sealed();
    const found = await this.#shelf.list(id, RECORD + prefix);
    const open = async ([at, sealed]: [string, Bytes]): Promise<[string, Bytes]> => [
      at.slice(RECORD.length),
      await sealing.openBytes(key, this.#place(at), sealed),
    ];
    return Promise.all(found.map(open));
  }

  async batch(changes: readonly Change[], guards: readonly Guard[] = []): Promise<boolean> {
    checkChanges(changes);
    guards.forEach(checkGuard);
    const { id, key } = await this.#sealed();
    const entries = await Promise.all(changes.map((change) => this.#entry(change, key)));
    // What was read may be changed by another tab before it is written: then all is looked at anew.
    for (;;) {
      const basis = await this.#basis(changes, guards);
      if (!basis) return false;
      if (await this.#shelf.batch(id, entries, basis)) return true;
    }
  }

  async seal(place: string, value: Uint8Array): Promise<Bytes> {
    checkName("seal", place);
    checkBytes("seal", "value", value);
    return sealing.sealBytes((await this.#sealed()).key, this.#place(ELSEWHERE + place), value);
  }

  async open(place: string, sealed: Uint8Array): Promise<Bytes> {
    checkName("open", place);
    return sealing.openBytes((await this.#sealed()).key, this.#place(ELSEWHERE + place), sealed);
  }

  async wipe(): Promise<void> {
    this.#seal = null;
    await this.#shelf.wipe();
    this.#seal = null;
  }

  close(): Promise<void> {
    return this.#shelf.close();
  }

  #sealed(): Promise<Seal> {
    this.#seal ??= this.#shelf.seal().catch((error: unknown) => {
      this.#seal = null;
      throw error;
    });
    return this.#seal;
  }

  async #device(action: string): Promise<Device> {
    const device = await this.#shelf.device((await this.#sealed()).id);
    if (device) return device;
    throw invalid(`keystore.${action}`, "device", "without keys", "generate() before");
  }

  async #secretOf(id: string, open: CryptoKey): Promise<Secret | null> {
    const { key } = await this.#sealed();
    const place = this.#place(SECRET + id);
    const sealed = await sealing.sealSecretKey(key, place, open);
    return sealed && { sealed, key: await sealing.openSecretKey(key, place, sealed) };
  }

  #kept(secret: Secret | null): Secret {
    if (!secret) throw invalid("keystore", "secret", "of another length", "32 bytes");
    return secret;
  }

  async #read(keys: readonly string[]): Promise<(Bytes | null)[]> {
    const { id, key } = await this.#sealed();
    const found = await this.#shelf.read(id, keys);
    const open = (sealed: Bytes | null, at: number): Promise<Bytes> | null =>
      sealed && sealing.openBytes(key, this.#place(keys[at] ?? ""), sealed);
    return Promise.all(found.map(open));
  }

  async #entry(change: Change, key: CryptoKey): Promise<Entry> {
    const seal = async (at: string, value: Uint8Array | null): Promise<Entry> => [
      at,
      value && (await sealing.sealBytes(key, this.#place(at), value)),
    ];
    if ("record" in change) return seal(RECORD + change.record, change.value);
    if ("pin" in change) return seal(PIN + change.pin, fromPin(change.to));
    const { secret, sealed, from = secret } = change;
    if (sealed === null) return [SECRET + secret, null];
    // Refused here rather than found unreadable when it is needed.
    const open = await sealing.openSecretKey(key, this.#place(SECRET + from), sealed, true);
    return [SECRET + secret, await sealing.sealSecretKey(key, this.#place(SECRET + secret), open)];
  }

  /** The sealed bytes that a batch stands on; null where one of them is not what its caller has seen. */
  async #basis(changes: readonly Change[], guards: readonly Guard[]): Promise<Entry[] | null> {
    const wanted: [at: string, value: Uint8Array | null][] = [
      ...guards.map(({ record, value }): [string, Uint8Array | null] => [RECORD + record, value]),
      ...changes.flatMap((change): [string, Uint8Array | null][] =>
        "pin" in change ? [[PIN + change.pin, change.from && fromPin(change.from)]] : [],
      ),
    ];
    if (wanted.length === 0) return [];
    const { id, key } = await this.#sealed();
    const keys = wanted.map(([at]) => at);
    const found = await this.#shelf.read(id, keys);
    for (const [index, [at, value]] of wanted.entries()) {
      const sealed = found[index] ?? null;
      if (!holds(sealed && (await sealing.openBytes(key, this.#place(at), sealed)), value)) return null;
    }
    return keys.map((at, index): Entry => [at, found[index] ?? null]);
  }

  #place(at: string): Bytes {
    return new TextEncoder().encode(JSON.stringify(["keystore", this.#context, at])) as Bytes;
  }
}

/** A keystore whose engine runs here. */
export function keystoreOn(shelf: Shelf, context: string, place: Place): Keystore {
  return new Local(shelf, context, place);
}

class Local extends Engine implements Keystore {
  async withSecrets<Answer>(ids: readonly string[], use: SecretsUse<Answer>): Promise<Answer> {
    return inPassing(await this.openSecrets(ids), use);
  }
}

function fromPin({ seq, hash }: Pin): Bytes {
  return new Writer().u64(seq).fixed(hash, HASH_BYTES).done();
}

function toPin(bytes: Bytes): Pin {
  const reader = new Reader(bytes);
  return { seq: reader.u64(), hash: reader.fixed(HASH_BYTES) };
}
