import {
  type Device,
  H,
  headOf,
  join,
  NONE,
  number,
  type Person,
  seeded,
  sha256,
  sign,
  TIME,
  unwrap,
  wrap,
  ZEROS,
} from "./people.ts";
import { expand, mac, pad, seal, t } from "./primitives.ts";
import { lay, layout, line, row, type Values } from "./sheet.ts";

export interface Row {
  kind: "entry" | "commit" | "message";
  bytes: Buffer;
  hash: Buffer;
  /** T after this row. */
  place: Buffer;
  note: string;
  wraps?: Record<string, Buffer>;
  payload?: Buffer;
}

export interface Commit {
  epoch: number;
  hash: Buffer;
  secret: Buffer;
  root: Buffer;
}

/** A room as its rows stand at the server, with what its members know of it. */
export class Room {
  readonly id: Buffer;
  readonly rows: Row[] = [];
  readonly commits: Commit[] = [];
  place: Buffer;
  head = NONE;
  logRows = 0;
  readonly #seqs = new Map<string, { seq: number; hash: Buffer }>();

  constructor(id: Buffer) {
    this.id = id;
    this.place = headOf(0, H("transcript-start", id));
  }

  #take(kind: Row["kind"], note: string, bytes: Buffer, hash: Buffer, more: Partial<Row> = {}): Row {
    const next = H("transcript", this.place.subarray(8), hash);
    this.place = headOf(this.rows.length + 1, next);
    const taken = { kind, note, bytes, hash, place: this.place, ...more };
    this.rows.push(taken);
    return taken;
  }

  get commit(): Commit {
    return this.commits.at(-1) as Commit;
  }

  /** §11.2 */
  entry(op: string, data: Values | Buffer, who: Person, by: Device): Row {
    const { number: opNumber, text } = row("11.1", op, 1);
    const seq = ++this.logRows;
    const body = join(
      lay(layout("11.1").slice(0, -1), {
        room: this.id,
        seq,
        prev: this.head.subarray(8),
        op: opNumber,
        author: who.user,
        root: who.log.root,
        device: by.id,
        "device head": who.log.head,
        time: TIME + 1000 * (this.rows.length + 1),
      }),
      Buffer.isBuffer(data) ? data : lay(line(text), data),
    );
    const hash = H("room-entry", body);
    this.head = headOf(seq, hash);
    return this.#take("entry", op, join(body, sign(by.sign, "room-entry-sig", hash, by.id)), hash);
  }

  /** §11.6: nobody signs it, and the head stays. */
  erased(who: Person): Row {
    const { number: opNumber, text } = row("11.1", "erased", 1);
    const values = {
      prev: ZEROS(32),
      author: ZEROS(16),
      root: ZEROS(32),
      device: ZEROS(16),
      "device head": NONE,
    };
    const body = join(
      lay(layout("11.1").slice(0, -1), {
        room: this.id,
        seq: ++this.logRows,
        op: opNumber,
        time: TIME,
        ...values,
      }),
      lay(line(text), { user: who.user, root: who.log.root }),
    );
    return this.#take("entry", "erased", join(body, ZEROS(64)), H("room-entry", body));
  }

  /** §14 */
  makeCommit(reason: number, members: [Person, Device[]][], who: Person, by: Device, drops = false): Row {
    const epoch = this.commits.length + 1;
    const secret = seeded(`${this.id.toString("hex")}.epoch.${epoch}`, 32);
    const core = lay(layout("14.1"), {
      room: this.id,
      epoch,
      prev: this.commits.at(-1)?.hash ?? ZEROS(32),
      "room-log head": this.head,
      cut: drops ? this.place : NONE,
      seen: this.place,
      reason,
      committer: who.user,
      device: by.id,
      time: TIME + 1000 * (this.rows.length + 1),
      "key commitment": expand(secret, join(t("key-commitment"), this.id, number(8, epoch)), 32),
    });
    const wraps: Record<string, Buffer> = {};
    const rows = members.flatMap(([person, devices]) => devices.map((one) => ({ person, one })));
    rows.sort((a, b) => Buffer.compare(join(a.person.user, a.one.id), join(b.person.user, b.one.id)));
    const list = rows.map(({ person, one }) => {
      const keyHash = sha256(one.wrapKey);
      const wrapped = wrap(one.key, secret, H("wrap-label", sha256(core), one.id, keyHash));
      wraps[one.name] = wrapped;
      return lay(layout("14.1", 1), {
        user: person.user,
        "device-log head": person.log.head,
        device: one.id,
        "wrap key hash": keyHash,
        "wrap hash": sha256(wrapped),
      });
    });
    const body = join(core, number(2, list.length), ...list);
    const hash = H("commit", body);
    this.commits.push({ epoch, hash, secret, root: expand(secret, join(t("message-root"), hash), 32) });
    return this.#take(
      "commit",
      `commit ${epoch}`,
      join(body, sign(by.sign, "commit-sig", hash, by.id)),
      hash,
      { wraps },
    );
  }

  /** §15 */
  message(note: string, clazz: 1 | 2, payload: Buffer, who: Person, by: Device): Row {
    const last = this.#seqs.get(by.name) ?? { seq: 0, hash: ZEROS(32) };
    const header = lay(layout("15.1"), {
      class: clazz,
      room: this.id,
      epoch: this.commit.epoch,
      "commit hash": this.commit.hash,
      device: by.id,
      "device seq": last.seq + 1,
      id: seeded(`message.${this.rows.length}`, 16),
      prev: last.hash,
      "device head": who.log.head,
      seen: this.place,
      time: TIME + 1000 * (this.rows.length + 1),
    });
    const salt = seeded(`salt.${this.rows.length}`, 24);
    const body = seal(this.commit.root, salt, join(t("message-body"), header), pad(payload));
    const hash = H("message", header, sha256(body));
    this.#seqs.set(by.name, { seq: last.seq + 1, hash });
    const signature = sign(by.sign, "message-sig", hash, by.id);
    const whole = join(header, number(4, body.length), body, signature);
    return this.#take("message", note, whole, hash, { payload });
  }

  /** §11.3: the name under the newest epoch. */
  sealedName(name: string): Values {
    const { epoch, hash, secret } = this.commit;
    const key = expand(secret, join(t("room-name-key"), hash), 32);
    const context = join(t("room-name"), this.id, number(8, this.logRows + 1));
    const sealed = seal(key, seeded(`name.${name}`, 24), context, pad(Buffer.from(name)));
    return { epoch, "commit hash": hash, "sealed name": sealed };
  }
}

export { H, mac, unwrap };
