import type { Bytes } from "../../crypto/bytes/index.ts";
import { TAGS, type Tag } from "../../crypto/tags.ts";
import { invalid } from "../../failure/invalid.ts";
import { basisOf, entryOf, PIN, RECORD, SECRET, toPin } from "./changes.ts";
import { checkBytes, checkChanges, checkGuard, checkName } from "./check.ts";
import { signAs, wrapFor } from "./device.ts";
import { inPassing } from "./passing.ts";
import { SECRET_BYTES, secretKey, unreadable, unwrapSecretKey } from "./seal.ts";
import { SealedShelf } from "./sealed-shelf.ts";
import type { Device, Shelf } from "./shelf.ts";
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
const ELSEWHERE = "elsewhere/";
/** So that no script of a page gets a signature for another purpose. */
const KNOWN: ReadonlySet<string> = new Set(Object.values(TAGS).filter((tag) => tag.endsWith("-sig")));

/** The keystore itself, the same in a worker, a page and Node: everything but where things stand. */
export class Engine implements Omit<Keystore, "withSecrets"> {
  readonly place: Place;
  readonly #shelf: Shelf;
  readonly #context: string;
  #opened: Promise<SealedShelf> | null = null;

  /** @param context what values are bound to beside their names: project and user. */
  constructor(shelf: Shelf, context: string, place: Place) {
    this.#shelf = shelf;
    this.#context = context;
    this.place = place;
  }

  async device(): Promise<DeviceKeys | null> {
    return (await (await this.#now()).device())?.public ?? null;
  }

  async generate({ instead }: { instead?: Uint8Array } = {}): Promise<DeviceKeys> {
    if (instead !== undefined) checkBytes("generate", "instead", instead, 65);
    return (await (await this.#now()).makeDevice(instead ?? null)).public;
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
    const open = await unwrapSecretKey(wrap, wrapped, label);
    return open && this.#sealed(id, open);
  }

  async makeSecret(id: string): Promise<Secret> {
    checkName("makeSecret", id);
    return made(await this.#sealed(id, await secretKey()));
  }

  async sealSecret(id: string, bytes: Uint8Array): Promise<Secret> {
    checkName("sealSecret", id);
    checkBytes("sealSecret", "bytes", bytes, SECRET_BYTES);
    return made(await this.#sealed(id, await secretKey(bytes)));
  }

  async wrap(id: string, sealed: Uint8Array, recipients: readonly Recipient[]): Promise<Bytes[]> {
    checkName("wrap", id);
    checkBytes("wrap", "sealed", sealed);
    const open = await (await this.#now()).openKey(SECRET + id, sealed, true);
    const wraps: Bytes[] = [];
    for (let at = 0; at < recipients.length; at += AT_ONCE) {
      const some = recipients.slice(at, at + AT_ONCE);
      wraps.push(...(await Promise.all(some.map((one) => wrapFor(open, one)))));
    }
    return wraps;
  }

  async secret(id: string): Promise<CryptoKey | null> {
    checkName("secret", id);
    const shelf = await this.#now();
    const [sealed] = await shelf.raw([SECRET + id]);
    return sealed ? shelf.openKey(SECRET + id, sealed) : null;
  }

  async secrets(prefix: string): Promise<string[]> {
    const found = await (await this.#now()).list(SECRET + prefix);
    return found.map(([at]) => at.slice(SECRET.length));
  }

  /** The bytes of secrets: the caller overwrites them. */
  async openSecrets(ids: readonly string[]): Promise<(Bytes | null)[]> {
    for (const id of ids) checkName("withSecrets", id);
    return (await this.#now()).read(ids.map((id) => SECRET + id));
  }

  async pin(name: string): Promise<Pin | null> {
    checkName("pin", name);
    const [bytes] = await (await this.#now()).read([PIN + name]);
    return bytes ? toPin(bytes) : null;
  }

  async get(name: string): Promise<Bytes | null> {
    checkName("get", name);
    const [bytes] = await (await this.#now()).read([RECORD + name]);
    return bytes ?? null;
  }

  async list(prefix: string): Promise<[name: string, value: Bytes][]> {
    const shelf = await this.#now();
    const found = await shelf.list(RECORD + prefix);
    const open = async ([at, sealed]: [string, Bytes]): Promise<[string, Bytes]> => [
      at.slice(RECORD.length),
      await shelf.open(at, sealed),
    ];
    return Promise.all(found.map(open));
  }

  async batch(changes: readonly Change[], guards: readonly Guard[] = []): Promise<boolean> {
    checkChanges(changes);
    guards.forEach(checkGuard);
    const shelf = await this.#now();
    const entries = await Promise.all(changes.map((change) => entryOf(shelf, change)));
    return shelf.batch(entries, basisOf(changes, guards));
  }

  async seal(place: string, value: Uint8Array): Promise<Bytes> {
    checkName("seal", place);
    checkBytes("seal", "value", value);
    return (await this.#now()).seal(ELSEWHERE + place, value);
  }

  async open(place: string, sealed: Uint8Array): Promise<Bytes> {
    checkName("open", place);
    return (await this.#now()).open(ELSEWHERE + place, sealed);
  }

  async wipe(): Promise<void> {
    this.#opened = null;
    await this.#shelf.wipe();
    // Of a call that came meanwhile.
    this.#opened = null;
  }

  close(): Promise<void> {
    return this.#shelf.close();
  }

  async #device(action: string): Promise<Device> {
    const device = await (await this.#now()).device();
    if (device) return device;
    throw invalid(`keystore.${action}`, "device", "without keys", "generate() before");
  }

  /** Null where it is not of 32 bytes. */
  async #sealed(id: string, open: CryptoKey): Promise<Secret | null> {
    const shelf = await this.#now();
    const sealed = await shelf.sealKey(SECRET + id, open);
    return sealed && { sealed, key: await shelf.openKey(SECRET + id, sealed) };
  }

  #now(): Promise<SealedShelf> {
    this.#opened ??= this.#shelf.seal().then(
      (seal) => new SealedShelf(this.#shelf, this.#context, seal),
      (error: unknown) => {
        this.#opened = null;
        throw error;
      },
    );
    return this.#opened;
  }
}

/** What was made here has the length that it was made with. */
function made(secret: Secret | null): Secret {
  if (!secret) throw unreadable();
  return secret;
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
