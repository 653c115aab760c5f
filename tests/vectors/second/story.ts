import {
  addData,
  begin,
  type Device,
  device,
  entry,
  nameHash,
  type Person,
  recoveryOf,
  ZEROS,
} from "./people.ts";
import { expand, H, join, pad, seal, seeded, sha256, sign, t, wrap } from "./primitives.ts";
import { Room } from "./room.ts";
import { lay, layout, line, number, row, type Values } from "./sheet.ts";

/** Everybody of the vectors, and what happened in their two rooms. */
export interface Story {
  ada: Person;
  ben: Person;
  phone: Device;
  laptop: Device;
  benPhone: Device;
  recovery: ReturnType<typeof recoveryOf>;
  room: Room;
  self: Room;
  grant: Buffer;
  item: Buffer;
}

export function tell(): Story {
  const { person: ada, one: phone } = begin("ada", (user) => device("ada.phone", user));
  const { person: ben, one: benPhone } = begin("ben", (user) => device("ben.phone", user));
  const laptop = device("ada.laptop", ada.user);
  const recovery = recoveryOf(ada.user, seeded("ada.recovery", 32));
  entry(ada.log, "add", addData(laptop), phone, laptop);
  entry(ada.log, "recovery", { "signing key": recovery.sign.publicKey }, phone, recovery);
  const people = { ada, ben, phone, laptop, benPhone, recovery };
  const room = groupOf(people);
  const self = selfOf(people);
  return { ...people, room, self, grant: grantOf(people, room), item: itemOf(self) };
}

type People = Pick<Story, "ada" | "ben" | "phone" | "laptop" | "benPhone">;

/** A group with shared history: ada and her two devices, ben, what they say, a device that is revoked. */
function groupOf({ ada, ben, phone, laptop, benPhone }: People): Room {
  const room = new Room(seeded("room", 16));
  const nobody: Values = { peer: ZEROS(16), "peer's root": ZEROS(32), "peer's head": ZEROS(40) };
  room.entry("create", { kind: 1, history: 1, ...nobody }, ada, phone);
  room.makeCommit(1, [[ada, [phone, laptop]]], ada, phone);
  room.entry("rename", room.sealedName("Träning 🏃"), ada, phone);
  room.message("text", 1, text("first run at six"), ada, phone);
  const invite = {
    id: seeded("invite", 16),
    role: 1,
    uses: 2,
    expiry: 0,
    "H(`invite-secret`, secret)": H("invite-secret", seeded("invite.secret", 32)),
  };
  room.entry("invite", invite, ada, laptop);
  const benIn = { user: ben.user, root: ben.log.root, head: ben.log.head, role: 1, invite: invite.id };
  room.entry("add", benIn, ada, phone);
  room.makeCommit(
    2,
    [
      [ada, [phone, laptop]],
      [ben, [benPhone]],
    ],
    ada,
    phone,
  );
  const said = room.message("text, an answer", 1, text("I am in", room.rows[3]?.hash), ben, benPhone);
  room.message(
    "structured",
    1,
    payload("16.1", "structured", { reply: ZEROS(32), type: "poll.v1", JSON: '{"a":[1,2],"b":"é"}' }),
    ada,
    laptop,
  );
  room.message("files", 1, files(), ada, phone);
  room.message(
    "edit",
    2,
    join(payload("16.2", "edit", { target: said.hash, counter: 1 }), text("I am in!")),
    ben,
    benPhone,
  );
  room.message(
    "reaction",
    2,
    payload("16.2", "reaction", { target: said.hash, on: 1, emoji: "👍" }),
    ada,
    phone,
  );
  room.message(
    "receipt",
    2,
    payload("16.2", "receipt", { state: 2, "room seq": 8, target: said.hash }),
    ada,
    phone,
  );
  room.message("history request", 2, payload("16.2", "history request", { from: 1, to: 1 }), ben, benPhone);
  room.entry("role", { user: ben.user, role: 2 }, ada, phone);
  room.makeCommit(
    5,
    [
      [ada, [phone, laptop]],
      [ben, [benPhone]],
    ],
    ben,
    benPhone,
  );
  entry(ada.log, "revoke", join(number(2, 1), laptop.id), phone);
  entry(ada.log, "rename", { "name hash": nameHash(ada.salt, "ada2") }, phone);
  room.makeCommit(
    3,
    [
      [ada, [phone]],
      [ben, [benPhone]],
    ],
    ada,
    phone,
    true,
  );
  room.message("delete", 2, payload("16.2", "delete", { target: said.hash }), ben, benPhone);
  room.entry("leave", Buffer.alloc(0), ben, benPhone);
  room.makeCommit(2, [[ada, [phone]]], ada, phone, true);
  room.entry("upgrade", { protocol: 1, "minimum suite": 1 }, ada, phone).note =
    "upgrade, void: no number is higher";
  return room;
}

function selfOf({ ada, phone }: People): Room {
  const self = new Room(H("self-room", ada.user, ada.log.root).subarray(0, 16));
  const nobody: Values = { peer: ZEROS(16), "peer's root": ZEROS(32), "peer's head": ZEROS(40) };
  self.entry("create", { kind: 3, history: 0, ...nobody }, ada, phone);
  self.makeCommit(1, [[ada, [phone]]], ada, phone);
  return self;
}

/** §16: the kind, then its fields. */
function payload(section: string, kind: string, values: Values): Buffer {
  const { number: kindNumber, text: fields } = row(section, kind);
  return join(number(1, kindNumber), lay(line(fields), values));
}
const text = (words: string, reply: Buffer = ZEROS(32)) => payload("16.1", "text", { reply, text: words });

export function fileInfo(): Buffer {
  const content = seeded("file.content", 40_000);
  const context = join(t("file"), seeded("file.id", 16), number(8, 1));
  const ciphertext = seal(seeded("file.key", 32), seeded("file.salt", 24), context, content);
  return lay(layout("5"), {
    "file id": seeded("file.id", 16),
    version: 1,
    "file key": seeded("file.key", 32),
    "content length": content.length,
    "ciphertext hash": H("file-hash", number(8, ciphertext.length), sha256(ciphertext)),
    name: "route.gpx",
    "media type": "application/gpx+xml",
    thumbnail: "",
  });
}

function files(): Buffer {
  const { number: kind, text: fields } = row("16.1", "files");
  const [reply, caption] = line(fields);
  if (!reply || !caption) throw new Error("files: reply, caption");
  return join(
    number(1, kind),
    lay([reply, caption], { reply: ZEROS(32), caption: "" }),
    number(1, 1),
    fileInfo(),
  );
}

/** §18: ada's phone gives ben the first epoch. */
function grantOf({ ada, ben, phone, benPhone }: People, room: Room): Buffer {
  const keyHash = sha256(benPhone.wrapKey);
  const first = room.commits[0];
  if (!first) throw new Error("the first epoch");
  const head = lay(layout("18"), {
    room: room.id,
    grantor: ada.user,
    device: phone.id,
    "device head": ada.log.head,
    recipient: ben.user,
    "recipient's device": benPhone.id,
    "wrap key hash": keyHash,
    from: 1,
    to: 1,
    time: 0,
  });
  const bundle = seeded("grant.bundle", 32);
  const label = H("grant-label", sha256(head), benPhone.id, keyHash);
  const secrets = join(number(8, 1), first.secret);
  const sealed = seal(bundle, seeded("grant.salt", 24), join(t("grant-bundle"), head), secrets);
  const body = join(head, wrap(benPhone.key, bundle, label), number(4, sealed.length), sealed);
  return join(body, sign(phone.sign, "grant-sig", H("grant", body), phone.id));
}

/** §19: a contact in ada's vault. */
function itemOf(self: Room): Buffer {
  const { epoch, hash, secret } = self.commit;
  const { number: kind } = row("19", "contact", 1);
  const head = lay(layout("19"), {
    room: self.id,
    epoch,
    "commit hash": hash,
    kind,
    item: seeded("ben.user", 16),
    "item version": 1,
  });
  const contact = lay(line(row("19", "contact", 1).text), {
    root: seeded("any.root", 32),
    head: seeded("any.head", 40).fill(0, 0, 4),
    username: "ben",
    verified: 1,
    time: 0,
  });
  const key = expand(secret, join(t("vault-root"), hash), 32);
  return join(head, seal(key, seeded("item.salt", 24), join(t("vault-item"), head), pad(contact)));
}
