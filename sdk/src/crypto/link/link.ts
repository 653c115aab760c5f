import {
  type Bytes,
  concat,
  fromBase64url,
  misuse,
  openFailed,
  opening,
  pad,
  Reader,
  toBase64url,
  unpad,
  utf8,
  Writer,
} from "../bytes/index.ts";
import { openBytes, sealBytes } from "../chunked/index.ts";
import { decodeFileInfo, encodeFileInfo, type FileInfo } from "../file/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, type Tag, tagged } from "../tags.ts";
import { argon2id, type SlowHash } from "./argon2.ts";

const VERSION = "1.";
const WITH_PASSWORD = 1;
const PASSWORD_BYTES = 1024;

/** What stands behind the `#` of a link. The server never sees it. */
export interface LinkFragment {
  /** 16 bytes, made by the client. */
  id: Bytes;
  /** 32 bytes. */
  secret: Bytes;
  /** Whether a password is needed as well. */
  password: boolean;
}

/** What somebody with the link shows to the server: 32 bytes each. */
export interface LinkTokens {
  /** Of the secret alone: shows that a password is needed, and bears the limit on guesses. */
  door: Bytes;
  /** Of secret and password: gives out the body. */
  access: Bytes;
}

/** What the server keeps of a link; none of it opens anything. */
export interface StoredLink {
  id: Bytes;
  /** Hashes of the tokens, 32 bytes each. */
  door: Bytes;
  access: Bytes;
  /** The sealed `FileInfo`. */
  body: Bytes;
}

export interface LinkOptions {
  password?: string | undefined;
  slowHash?: SlowHash | undefined;
}

/** Makes a link to a version of a file. @throws USAGE_INVALID for a password of more than 1,024 bytes. */
export async function createLink(
  suite: Suite,
  info: FileInfo,
  { password, slowHash }: LinkOptions = {},
): Promise<{ fragment: string; stored: StoredLink }> {
  const link = { id: suite.random(16), secret: suite.random(32), password: password !== undefined };
  const { key, door, access } = await derive(suite, link, { password, slowHash });
  const stored = {
    id: link.id,
    door: await suite.hash(TAGS.linkToken, door),
    access: await suite.hash(TAGS.linkToken, access),
    body: await sealBytes(suite, key, about(TAGS.linkBody, link), pad(encodeFileInfo(info))),
  };
  const bytes = new Writer().u8(flagsOf(link)).fixed(link.id, 16).fixed(link.secret, 32).done();
  return { fragment: VERSION + toBase64url(bytes), stored };
}

/** @throws CRYPTO_OPEN_FAILED for anything but a link of this version. */
export function readFragment(fragment: string): LinkFragment {
  if (!fragment.startsWith(VERSION)) throw openFailed();
  const reader = new Reader(fromBase64url(fragment.slice(VERSION.length)));
  const flags = reader.u8();
  const link = { id: reader.fixed(16), secret: reader.fixed(32), password: flags === WITH_PASSWORD };
  reader.end();
  if (flags > WITH_PASSWORD) throw openFailed();
  return link;
}

/** The token that says only: here is somebody who has the link. Needs no password and no slow hash. */
export function doorToken(suite: Suite, link: LinkFragment): Promise<Bytes> {
  return derived(suite, link, link.secret, TAGS.linkDoor);
}

/**
 * The tokens for the server, and what opens the body that it gives for them.
 *
 * @throws USAGE_INVALID where the link wants a password and none is given, or the other way round.
 */
export async function unlock(
  suite: Suite,
  link: LinkFragment,
  options: LinkOptions = {},
): Promise<LinkTokens & { open(body: Uint8Array): Promise<FileInfo> }> {
  const { key, door, access } = await derive(suite, link, options);
  const context = about(TAGS.linkBody, link);
  const open = (body: Uint8Array) =>
    opening(async () => decodeFileInfo(unpad(await openBytes(suite, key, context, body))));
  return { door, access, open };
}

async function derive(suite: Suite, link: LinkFragment, { password, slowHash = argon2id }: LinkOptions) {
  if (link.password !== (password !== undefined)) {
    throw misuse("the password", link.password ? "missing" : "given", link.password ? "one" : "none");
  }
  const slow =
    password === undefined ? new Uint8Array() : await slowHash(bytesOf(password), await saltOf(suite, link));
  const secret = concat(link.secret, slow);
  return {
    key: await suite.hmacKey(await derived(suite, link, secret, TAGS.linkKey)),
    door: await doorToken(suite, link),
    access: await derived(suite, link, secret, TAGS.linkAccess),
  };
}

async function derived(suite: Suite, link: LinkFragment, secret: Uint8Array, tag: Tag): Promise<Bytes> {
  return suite.hkdf(secret, await saltOf(suite, link), about(tag, link), 32);
}

const saltOf = (suite: Suite, { id }: LinkFragment) => suite.hash(TAGS.linkSalt, id);
const flagsOf = ({ password }: LinkFragment) => (password ? WITH_PASSWORD : 0);
const about = (tag: Tag, link: LinkFragment) => tagged(tag, Uint8Array.of(flagsOf(link)), link.id);

/** NFKC, so that a password typed on another keyboard is the same. */
function bytesOf(password: string): Bytes {
  const bytes = utf8(password.normalize("NFKC"));
  if (bytes.length < 1 || bytes.length > PASSWORD_BYTES) {
    throw misuse("the password", `${bytes.length} bytes`, `1 to ${PASSWORD_BYTES} bytes`);
  }
  return bytes;
}
