import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat } from "../bytes/index.ts";
import { decode, encode } from "../codec.ts";
import { deviceAt, type Signer, signDeviceChange } from "../device-log/index.ts";
import { TAGS, tagged } from "../tags.ts";
import {
  addChange,
  addDevice,
  append,
  cheapWrapKey,
  damages,
  newSigner,
  now,
  type Person,
  person,
  suite,
} from "../testing/cast.ts";
import { approvalKeys } from "./code.ts";
import {
  type ApprovalRequest,
  approvalQr,
  completeApproval,
  makeApprovalAnswer,
  makeApprovalCode,
  makeApprovalRequest,
  openApprovalAnswer,
  type Pins,
  pins,
  readApprovalCode,
  readApprovalRequest,
} from "./index.ts";
import { type ApprovalAnswer, decodeAnswer, encodeAnswer } from "./layout.ts";

const failure = { code: "CRYPTO_OPEN_FAILED" };
let ada: Person;
let ben: Person;
let laptop: Signer;
let asked: ApprovalRequest;
let code: string;
let request: Bytes;
let pinned: Pins;

beforeAll(async () => {
  [ada, ben] = await Promise.all([person("ada"), person("ben")]);
  laptop = await newSigner(ada.user);
  code = makeApprovalCode(suite);
  const keys = { wrapKey: cheapWrapKey(), signingKey: laptop.publicKey };
  asked = { user: ada.user, request: suite.random(16), temporary: false, ...keys };
  request = await makeApprovalRequest(suite, code, asked);
  const { user, log } = ben;
  pinned = { contacts: [{ user, root: log.root, head: log.head, username: "ben" }], rooms: [] };
});

const answer = (who: Person, given: { code?: string; request?: Uint8Array; device?: Signer } = {}) =>
  makeApprovalAnswer(suite, given.code ?? code, given.request ?? request, {
    log: who.log,
    device: given.device ?? who.phone,
    pins: pinned,
    time: now(),
  });

describe("an approval", () => {
  it("brings ada's laptop into her log, with her pins", async () => {
    expect(await readApprovalRequest(suite, code, request)).toEqual(asked);
    const approval = await openApprovalAnswer(suite, code, request, await answer(ada));
    expect(approval).toMatchObject({ root: ada.log.root, head: ada.log.head, pins: pinned });
    const { verdict, who } = await append(ada, await completeApproval(suite, approval, laptop));
    expect(verdict).toBe("valid");
    expect(deviceAt(who.log, laptop.id)).toMatchObject({ kind: "device", wrapKey: asked.wrapKey });
  });

  it("of a temporary device adds a temporary one", async () => {
    const temporary = await makeApprovalRequest(suite, code, { ...asked, temporary: true });
    const approval = await openApprovalAnswer(
      suite,
      code,
      temporary,
      await answer(ada, { request: temporary }),
    );
    const { who } = await append(ada, await completeApproval(suite, approval, laptop));
    expect(deviceAt(who.log, laptop.id)?.kind).toBe("temporary");
  });

  it("can be answered again when the number was burned meanwhile", async () => {
    const approval = await openApprovalAnswer(suite, code, request, await answer(ada));
    const burned = (await append(ada, suite.random(9))).who;
    expect((await append(burned, await completeApproval(suite, approval, laptop))).verdict).toEqual({
      void: "place",
    });
    const again = await openApprovalAnswer(suite, code, request, await answer(burned));
    expect((await append(burned, await completeApproval(suite, again, laptop))).verdict).toBe("valid");
  });
});

describe("a server between", () => {
  it("approval_mitm_keys: other keys are not taken, nor others' requests", async () => {
    const eve = await newSigner(ada.user);
    const swapped = concat(request.slice(0, 456), eve.publicKey, request.slice(521));
    const own = await makeApprovalRequest(suite, makeApprovalCode(suite), asked);
    for (const wrong of [swapped, own, ...damages(request)]) {
      await expect(readApprovalRequest(suite, code, wrong)).rejects.toMatchObject(failure);
      await expect(answer(ada, { request: wrong })).rejects.toMatchObject(failure);
    }
    const even = asked.wrapKey.map((byte, at) => (at === 416 ? 2 : byte));
    const weak = await makeApprovalRequest(suite, code, { ...asked, wrapKey: even });
    await expect(readApprovalRequest(suite, code, weak)).rejects.toMatchObject(failure);
    await expect(answer(ben)).rejects.toMatchObject(failure);
  });

  it("approval_fake_root: an answer without the code, for another request, or changed is none", async () => {
    const fake = await person("ada", ada.user);
    const blind = makeApprovalCode(suite);
    const same = await makeApprovalRequest(suite, blind, asked);
    const forged = await answer(fake, { code: blind, request: same });
    const good = await answer(ada);
    for (const wrong of [forged, ...damages(good, 5)]) {
      await expect(openApprovalAnswer(suite, code, request, wrong)).rejects.toMatchObject(failure);
    }
    const other = await makeApprovalRequest(suite, code, { ...asked, temporary: true });
    await expect(openApprovalAnswer(suite, code, other, good)).rejects.toMatchObject(failure);
  });

  it("whoever has the code and no device of ada's makes an entry that is void", async () => {
    const eve = await newSigner(ada.user);
    const approval = await openApprovalAnswer(suite, code, request, await answer(ada, { device: eve }));
    const entry = await completeApproval(suite, approval, laptop);
    expect((await append(ada, entry)).verdict).toEqual({ void: "right" });
    const tab = await addDevice(ada, { temporary: true });
    const by = await answer(tab.who, { device: tab.device });
    const byTab = await openApprovalAnswer(suite, code, request, by);
    const tabbed = await append(tab.who, await completeApproval(suite, byTab, laptop));
    expect(tabbed.verdict).toEqual({ void: "right" });
  });
});

describe("an approver who was given the code and lies", () => {
  /** The answer with other parts, under the right MAC. */
  async function forged(part: (answer: ApprovalAnswer) => Partial<ApprovalAnswer>): Promise<Bytes> {
    const { value } = decodeAnswer(await answer(ada));
    const body = encodeAnswer({ ...value, ...part(value) });
    const { answer: key } = await approvalKeys(suite, code, asked);
    const bound = tagged(TAGS.approvalAnswer, await suite.sha256(request), body);
    return concat(body, await suite.mac(key, bound));
  }
  const adding = async (part: object): Promise<Bytes> => {
    const change = { ...addChange(laptop), wrapKey: asked.wrapKey, ...part };
    return signDeviceChange(suite, ada.log, change, ada.phone);
  };

  it("is found out: another request, root, head, user or kind of device, other keys", async () => {
    await openApprovalAnswer(suite, code, request, await forged(() => ({})));
    const eve = await newSigner(ada.user);
    const [kind, wrap, sign] = await Promise.all([
      adding({ temporary: true }),
      adding({ wrapKey: cheapWrapKey() }),
      adding({ signingKey: eve.publicKey }),
    ]);
    const change = { ...addChange(laptop), wrapKey: asked.wrapKey };
    const other = await signDeviceChange(suite, { ...ada.log, user: ben.user }, change, ada.phone);
    const rename = { op: "rename" as const, nameHash: suite.random(32), time: now() };
    const renamed = await signDeviceChange(suite, ada.log, rename, ada.phone);
    const parts: Partial<ApprovalAnswer>[] = [
      { request: suite.random(16) },
      { root: suite.random(32) },
      { head: { seq: 1, hash: suite.random(32) } },
      { head: { seq: 2, hash: ada.log.head.hash } },
      ...[kind, wrap, sign, other, renamed].map((entry) => ({ entry })),
    ];
    for (const part of parts) {
      const lie = await forged(() => part);
      await expect(openApprovalAnswer(suite, code, request, lie)).rejects.toMatchObject(failure);
    }
  });
});

describe("codes and pins", () => {
  it("a code reads as typed, as scanned, and in either case; anything else is none", () => {
    const bits = readApprovalCode(code);
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(readApprovalCode(approvalQr(code))).toEqual(bits);
    expect(readApprovalCode(code.toLowerCase().replaceAll("-", " "))).toEqual(bits);
    for (const wrong of ["", code.slice(1), `${code}0`, code.replace(/^./, "U"), "0".repeat(9_999)]) {
      expect(() => readApprovalCode(wrong)).toThrow(expect.objectContaining(failure));
    }
  });

  it("pins: decode(encode(x)) = x, in order and without duplicates alone", () => {
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((array) => new Uint8Array(array));
    const head = fc.record({ seq: fc.maxSafeNat(), hash: bytes(32) });
    const username = fc.string({ maxLength: 15 }).map((text) => text.normalize());
    const contacts = fc.record({ user: bytes(16), root: bytes(32), head, username });
    const rooms = fc.record({
      room: bytes(16),
      head,
      epoch: fc.maxSafeNat(),
      commit: bytes(32),
      place: head,
    });
    const all = fc.record({
      contacts: fc
        .uniqueArray(contacts, { maxLength: 4, selector: ({ user }) => user.join() })
        .map((many) => many.sort((one, other) => Buffer.compare(one.user, other.user))),
      rooms: fc
        .uniqueArray(rooms, { maxLength: 4, selector: ({ room }) => room.join() })
        .map((many) => many.sort((one, other) => Buffer.compare(one.room, other.room))),
    });
    fc.assert(
      fc.property(all, (given) => {
        expect(decode(pins, encode(pins, given))).toEqual(given);
        const twice = { ...given, contacts: [...given.contacts, ...given.contacts] };
        if (given.contacts.length > 0) expect(() => encode(pins, twice)).toThrow();
      }),
    );
  });
});
