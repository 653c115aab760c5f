import { argon2id } from "@noble/hashes/argon2";
import { headOf } from "./people.ts";
import { expand, H, hkdf, join, mac, pad, seal, seeded, sha256, sha512, sign, t } from "./primitives.ts";
import { lay, layout, number } from "./sheet.ts";
import { fileInfo, type Story } from "./story.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The first `bits` bits as Crockford's base32, zeros behind. */
export function base32(bytes: Buffer, bits: number): string {
  const all = [...bytes]
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("")
    .slice(0, bits);
  return (all.padEnd(Math.ceil(bits / 5) * 5, "0").match(/.{5}/g) ?? [])
    .map((five) => CROCKFORD[Number.parseInt(five, 2)])
    .join("");
}

/** §6 */
export function link(password: string | null) {
  const id = seeded(`link.${password}`, 16);
  const secret = seeded(`link.secret.${password}`, 32);
  const flags = Buffer.of(password === null ? 0 : 1);
  const salt = H("link-salt", id);
  const slow = () =>
    argon2id(Buffer.from((password ?? "").normalize("NFKC")), salt, {
      t: 3,
      m: 65_536,
      p: 4,
      dkLen: 32,
      version: 0x13,
    });
  const ikm = password === null ? secret : join(secret, Buffer.from(slow()));
  const about = (tag: string) => join(t(tag), flags, id);
  const access = hkdf(ikm, salt, about("link-access"));
  const door = hkdf(secret, salt, about("link-door"));
  const key = hkdf(ikm, salt, about("link-key"));
  return {
    password,
    fragment: `1.${join(flags, id, secret).toString("base64url")}`,
    access,
    door,
    accessHash: H("link-token", access),
    doorHash: H("link-token", door),
    body: seal(key, seeded("link.salt", 24), about("link-body"), pad(fileInfo())),
    info: fileInfo(),
  };
}

/** §7 */
export function safety({ ada, ben }: Story) {
  const side = (user: Buffer, root: Buffer) => {
    let h = sha512(Buffer.of(0, 0), root, user, root);
    for (let k = 2; k <= 5200; k++) h = sha512(h, root);
    return [0, 5, 10, 15, 20, 25].map((at) => `${h.readUIntBE(at, 5) % 100_000}`.padStart(5, "0")).join("");
  };
  const known = (person: Story["ada"]) => join(person.user, person.log.root, person.log.head);
  const sides = [side(ada.user, ada.log.root), side(ben.user, ben.log.root)].sort();
  return {
    number: sides.join(""),
    adaShows: `trackit-id:1:${join(known(ada), known(ben)).toString("base64url")}`,
  };
}

/** §8 */
export function recovery({ ada, recovery: key, room }: Story) {
  const d = key.sign.scalar;
  const backupKey = expand(d, join(t("backup-key"), ada.user, ada.log.root), 32);
  const head = lay(layout("8"), { user: ada.user, root: ada.log.root, "recovery key id": key.id, number: 1 });
  const pins = join(number(4, 0), number(4, 0));
  const epochs = room.commits.slice(0, 2).map(({ epoch, secret }) => join(room.id, number(8, epoch), secret));
  const inner = join(pins, number(4, epochs.length), ...epochs);
  return {
    code: base32(d, 256) + base32(H("recovery-checksum", d), 20),
    keyId: key.id,
    publicKey: key.sign.publicKey,
    backupKey,
    backup: join(head, seal(backupKey, seeded("backup.salt", 24), join(t("backup"), head), inner)),
  };
}

/** §10: the request of ada's laptop, and its entry that the phone had made for it. */
export function approval({ ada, laptop }: Story) {
  const code = seeded("approval.code", 13);
  code[12] = (code[12] ?? 0) & 0xf0;
  const requestId = seeded("approval.request", 16);
  const salt = join(ada.user, requestId);
  const [k1, k2, k3] = ["approval-request-key", "approval-answer-key", "approval-pins-key"].map((tag) =>
    hkdf(code, salt, t(tag)),
  ) as [Buffer, Buffer, Buffer];
  const asked = lay(layout("10"), {
    user: ada.user,
    "request id": requestId,
    flags: 0,
    "wrap key": laptop.wrapKey,
    "signing key": laptop.sign.publicKey,
  });
  const request = join(asked, mac(k1, "approval-request", asked));
  const row = ada.log.rows[1] as Buffer;
  const pins = seal(
    k3,
    seeded("pins.salt", 24),
    join(t("approval-pins"), requestId),
    join(number(4, 0), number(4, 0)),
  );
  const answered = lay(layout("10", 1), {
    "request id": requestId,
    root: ada.log.root,
    head: headOf(1, ada.log.root),
    entry: row.subarray(0, -64),
    pins: pins.length,
  });
  const unsigned = join(answered, pins);
  const answer = join(unsigned, mac(k2, "approval-answer", sha256(request), unsigned));
  return { code: base32(code, 100), request, answer };
}

/** §12: what ben posts when he follows ada's invite. */
export function joining({ ada, ben, benPhone, room }: Story) {
  const secret = seeded("invite.secret", 32);
  const invite = room.rows[4]?.hash as Buffer;
  const id = seeded("invite", 16);
  const key = expand(secret, join(t("invite-key"), room.id, id), 32);
  const fields = layout("12").filter(({ name }) => name !== "signature");
  const asked = lay(fields, {
    room: room.id,
    "invite id": id,
    "log seq": 3,
    user: ben.user,
    root: ben.log.root,
    "device head": ben.log.head,
    device: benPhone.id,
    time: 0,
  });
  const proven = join(asked, mac(key, "join-mac", asked));
  const about = join(room.id, id, secret, headOf(3, invite), ada.user, ada.log.root);
  return {
    fragment: `1.${about.toString("base64url")}`,
    secret,
    request: join(proven, sign(benPhone.sign, "join-sig", H("join", proven), benPhone.id)),
  };
}
