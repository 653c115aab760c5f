/** What cannot be compared byte by byte, because it is random: made in one runtime, opened in another. */
import { type Bytes, concat, fromHex, toHex } from "../../../sdk/src/crypto/bytes/index.ts";
import { openBytes, sealBytes } from "../../../sdk/src/crypto/chunked/index.ts";
import {
  draftFile,
  encodeFileInfo,
  type FileDraft,
  type FileInfo,
  openFile,
  sealFile,
} from "../../../sdk/src/crypto/file/index.ts";
import { createLink, readFragment, unlock } from "../../../sdk/src/crypto/link/index.ts";
import {
  createRecoveryCode,
  readRecoveryCode,
  recoveryKeys,
} from "../../../sdk/src/crypto/recovery/index.ts";
import { isSigningKey, isWrapKey, type Suite } from "../../../sdk/src/crypto/suite/index.ts";
import { TAGS } from "../../../sdk/src/crypto/tags.ts";
import { collect, equals } from "./expect.ts";
import { contentOf, fixedSigningKeys, fixedWrapKeys, point, spki } from "./fixed.ts";

const fixedKey = (suite: Suite) => suite.hmacKey(fromHex("07".repeat(32)));
const context = fromHex("0102");
const hash = fromHex("09".repeat(32));
const signer = fromHex("0a".repeat(16));
const PASSWORD = "correct horse";
const SIZE = 40_000;

/** A file whose key and salt are fixed: its bytes are the same everywhere. */
export async function sameFile(suite: Suite): Promise<string> {
  const draft = { id: signer, version: 7, key: hash, salt: fromHex("0b".repeat(24)) };
  const { info, ciphertext } = await makeFile(suite, draft, 1_100_000);
  return `${toHex(await suite.sha256(ciphertext))} ${toHex(info.hash)}`;
}

/** One runtime's random objects, as hexadecimal and text. */
export type Objects = Awaited<ReturnType<typeof make>>;

export async function make(suite: Suite) {
  const signing = await fixedSigningKeys(suite);
  const [fresh, wrapping] = await Promise.all([suite.makeSigningKeys(), suite.makeWrapKeys()]);
  const secret = suite.random(32);
  const { info, ciphertext } = await makeFile(suite, draftFile(suite, suite.random(16), 3), SIZE);
  const recovery = await createRecoveryCode(suite);
  const { fragment, stored } = await createLink(suite, info, { password: PASSWORD });
  return {
    sealed: toHex(await sealBytes(suite, await fixedKey(suite), context, contentOf(SIZE))),
    signature: toHex(await suite.sign(signing, TAGS.commitSig, hash, signer)),
    freshPoint: toHex(fresh.publicKey),
    freshSignature: toHex(await suite.sign(fresh, TAGS.commitSig, hash, signer)),
    freshSpki: toHex(wrapping.publicKey),
    secret: toHex(secret),
    wrapped: toHex(await suite.wrap(fromHex(spki), secret, hash)),
    ciphertext: toHex(ciphertext),
    info: toHex(encodeFileInfo(info)),
    fragment,
    body: toHex(stored.body),
    recovery: recovery.text,
    recoveryPoint: toHex(recovery.keys.publicKey),
  };
}

async function makeFile(
  suite: Suite,
  draft: FileDraft,
  size: number,
): Promise<{ info: FileInfo; ciphertext: Bytes }> {
  const pieces: Uint8Array[] = [];
  const sealing = sealFile(suite, draft, new Blob([contentOf(size)]).stream());
  let step = await sealing.next();
  for (; !step.done; step = await sealing.next()) pieces.push(step.value);
  const info = { ...draft, ...step.value, name: "notes.txt", type: "text/plain", thumbnail: fromHex("") };
  return { info, ciphertext: concat(...pieces) };
}

/** Opens another runtime's objects. @throws what does not fit */
export async function openAll(suite: Suite, made: Objects): Promise<void> {
  const content = contentOf(SIZE);
  equals(await openBytes(suite, await fixedKey(suite), context, fromHex(made.sealed)), content);
  for (const [key, signature] of [
    [point, made.signature],
    [made.freshPoint, made.freshSignature],
  ] as const) {
    const taken = await suite.verify(fromHex(key), fromHex(signature), TAGS.commitSig, hash, signer);
    equals(taken && isSigningKey(fromHex(key)), true);
  }
  const { privateKey } = await fixedWrapKeys(suite);
  equals(await suite.unwrapBytes(privateKey, fromHex(made.wrapped), hash), made.secret);
  equals(isWrapKey(fromHex(made.freshSpki)), true);
  equals((await suite.wrap(fromHex(made.freshSpki), hash, hash)).length, 384);
  const unlocked = await unlock(suite, readFragment(made.fragment), { password: PASSWORD });
  const info = await unlocked.open(fromHex(made.body));
  equals(encodeFileInfo(info), made.info);
  equals(await collect(openFile(suite, info, new Blob([fromHex(made.ciphertext)]).stream())), content);
  const scalar = await readRecoveryCode(suite, made.recovery);
  await recoveryKeys(suite, scalar, fromHex(made.recoveryPoint));
}
