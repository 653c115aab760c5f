import { createHash, hkdfSync, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { TrackItError } from "../../../errors.ts";
import { invalid } from "../../../failure/invalid.ts";
import { holds } from "../shelf.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What opens a file: one of the two, and neither has a default. */
export interface FileKey {
  /** At least 8 characters; compared in NFKC. */
  passphrase?: string | undefined;
  /** 32 random bytes that the app keeps in the keyring of the operating system. */
  key?: Uint8Array | undefined;
}

/** How a file's key comes about; stands, in clear, before what it opens. */
interface Header {
  /** scrypt's log2(N), r and p; 0, 0, 0 for a key that the app gives. */
  cost: number;
  blocks: number;
  lanes: number;
  salt: Bytes;
  /** SHA-256 of the keystore's name. */
  owner: Bytes;
  /** Tells a wrong passphrase from a damaged file. */
  check: Bytes;
}

const MAGIC = new TextEncoder().encode("trackit keystore 1\n");
const SALT_BYTES = 32;
const OWNER_BYTES = 32;
const CHECK_BYTES = 16;
const SUM_BYTES = 16;
const KEY_BYTES = 32;
const SHORTEST = 8;
export const HEADER_BYTES = MAGIC.length + 3 + SALT_BYTES + OWNER_BYTES + CHECK_BYTES + SUM_BYTES;

/**
 * N = 2^17, r = 8, p = 1 of scrypt (RFC 7914) takes 128 MiB and about 0.3 s: what OWASP's password storage cheat
 * sheet asks for. A file may ask for 2^14 to 2^20 (1 GiB): less is no protection, more is no file of ours.
 */
export const COST = 17;
const COSTS = { least: 14, most: 20 };
const BLOCKS = 8;
const LANES = 4;

/** A new file's header, and the key that it leads to. */
export async function makeHeader(
  owner: string,
  secret: FileKey,
  cost: number,
): Promise<{ header: Bytes; key: CryptoKey }> {
  if (!Number.isInteger(cost) || cost < COSTS.least || cost > COSTS.most) {
    throw invalid("fileKeystore", "cost", cost, `an integer from ${COSTS.least} to ${COSTS.most}`);
  }
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const parameters = secret.key ? { cost: 0, blocks: 0, lanes: 0 } : { cost, blocks: BLOCKS, lanes: 1 };
  const { check, key } = await derive(secret, { ...parameters, salt });
  return { header: pack({ ...parameters, salt, owner: hashOf(owner), check }), key };
}

/**
 * The key that a file's header leads to.
 *
 * @throws CRYPTO_UNREADABLE for what is no header; USAGE_STORAGE for another's file; CRYPTO_PASSPHRASE
 */
export async function openHeader(bytes: Uint8Array, owner: string, secret: FileKey): Promise<CryptoKey> {
  const header = unpack(bytes);
  if (!holds(header.owner, hashOf(owner))) {
    throw new TrackItError("USAGE_STORAGE", "fileKeystore: the file is of another project or user", {
      hint: "Each user of each project has a file of their own",
    });
  }
  const byKey = header.cost === 0;
  if (byKey !== (secret.key !== undefined)) {
    throw wrong(
      byKey ? "it was made with a key, not a passphrase" : "it was made with a passphrase, not a key",
    );
  }
  const { check, key } = await derive(secret, header);
  if (!holds(header.check, check)) throw wrong(`this is not its ${byKey ? "key" : "passphrase"}`);
  return key;
}

/** @throws USAGE_INVALID unless exactly one of the two is given, and long enough. */
export function checkFileKey({ passphrase, key }: FileKey): void {
  if ((passphrase === undefined) === (key === undefined)) {
    throw invalid(
      "fileKeystore",
      "passphrase",
      passphrase ? "beside a key" : "missing",
      "a passphrase or a key, one of them: there is no default",
    );
  }
  if (key && key.length !== KEY_BYTES) {
    throw invalid("fileKeystore", "key", `${key.length} bytes`, `${KEY_BYTES} random bytes`);
  }
  if (passphrase !== undefined && [...passphrase.normalize("NFKC")].length < SHORTEST) {
    throw invalid("fileKeystore", "passphrase", "shorter", `at least ${SHORTEST} characters`);
  }
}

function wrong(why: string): TrackItError {
  return new TrackItError("CRYPTO_PASSPHRASE", `fileKeystore: the file does not open: ${why}`, {
    hint: "Nothing was changed; try again",
  });
}

async function derive(
  { passphrase = "", key }: FileKey,
  { cost, blocks, lanes, salt }: Pick<Header, "cost" | "blocks" | "lanes" | "salt">,
): Promise<{ check: Bytes; key: CryptoKey }> {
  const stretched = key ? new Uint8Array(key) : await stretch(passphrase, { cost, blocks, lanes, salt });
  const expand = (use: string, length: number): Bytes =>
    new Uint8Array(hkdfSync("sha256", stretched, salt, `trackit keystore 1 ${use}`, length));
  const raw = expand("file", KEY_BYTES);
  try {
    const uses: KeyUsage[] = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
    const made = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, uses);
    return { check: expand("check", CHECK_BYTES), key: made };
  } finally {
    stretched.fill(0);
    raw.fill(0);
  }
}

async function stretch(
  passphrase: string,
  { cost, blocks: r, lanes: p, salt }: Pick<Header, "cost" | "blocks" | "lanes" | "salt">,
): Promise<Uint8Array> {
  const N = 2 ** cost;
  const run = promisify<string, Uint8Array, number, object, Buffer>(scrypt);
  return run(passphrase.normalize("NFKC"), salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r });
}

function pack({ cost, blocks, lanes, salt, owner, check }: Header): Bytes {
  const body = Uint8Array.of(...MAGIC, cost, blocks, lanes, ...salt, ...owner, ...check);
  return Uint8Array.of(...body, ...sumOf(body));
}

function unpack(bytes: Uint8Array): Header {
  const body = bytes.slice(0, HEADER_BYTES - SUM_BYTES);
  const whole = bytes.length >= HEADER_BYTES && holds(bytes.slice(body.length, HEADER_BYTES), sumOf(body));
  if (!whole || !holds(body.slice(0, MAGIC.length), MAGIC)) throw damaged();
  let at = MAGIC.length;
  const take = (length: number): Bytes => {
    at += length;
    return new Uint8Array(body.subarray(at - length, at));
  };
  const [cost = 0, blocks = 0, lanes = 0] = take(3);
  const bounded =
    cost >= COSTS.least && cost <= COSTS.most && blocks === BLOCKS && lanes >= 1 && lanes <= LANES;
  if (!bounded && cost + blocks + lanes !== 0) throw damaged();
  return { cost, blocks, lanes, salt: take(SALT_BYTES), owner: take(OWNER_BYTES), check: take(CHECK_BYTES) };
}

/** Said for a file that was cut or changed; it stays as it is. */
export function damaged(): TrackItError {
  return new TrackItError("CRYPTO_UNREADABLE", "fileKeystore: the file is damaged, or no keystore", {
    hint: "Nothing was overwritten. Without a whole copy, move it away: the device is then approved anew",
  });
}

function hashOf(text: string): Bytes {
  return new Uint8Array(createHash("sha256").update(text).digest());
}

function sumOf(bytes: Uint8Array): Bytes {
  return new Uint8Array(createHash("sha256").update(bytes).digest()).slice(0, SUM_BYTES);
}
