import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pace } from "../../sdk/src/chat/approval/wait.ts";
import { keeping } from "../../sdk/src/chat/upkeep.ts";
import { createTrackIt, type DeviceNotice, type TrackIt } from "../../sdk/src/index.ts";
import {
  another as anotherOf,
  approved as approvedOf,
  restarted,
  type Talker,
  talker,
  texts,
} from "../story/chat-kit.ts";
import { Inbox } from "../story/realtime-wait.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

let kit: SdkKit;
let [ada, ben]: Talker[] = [];
beforeAll(async () => {
  // A word that is lost on its way shall cost a test no seconds.
  pace.poll = 300;
  kit = await startSdkKit();
  [ada, ben] = await Promise.all(["ada", "ben"].map((name) => talker(kit, name)));
});
afterAll(() => kit?.stop());

const two = () => {
  if (!ada || !ben) throw new Error("two people are wanted");
  return { ada, ben };
};

const another = (who: Talker, remember?: "device" | "tab" | "never") => anotherOf(kit, who, remember);
const approved = (who: Talker, remember?: "device" | "tab" | "never") => approvedOf(kit, who, remember);

describe("a new device", () => {
  it("of ada's is let in by its code, reads what she could read, and commits before it sends", async () => {
    const { ada, ben } = two();
    const room = await ada.trackit.rooms.create({ name: "Training", members: [ben.username] });
    await room.send("before the laptop");
    await (await ben.trackit.rooms.get(room.id)).send("so be it");
    const laptop = await another(ada);
    await expect(laptop.devices.me()).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    await expect(laptop.rooms.get(room.id)).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    const { code, qr, approved, id } = await laptop.devices.requestApproval();
    expect(code).toMatch(/^(\w{4}-){4}\w{4}$/);
    // 38 bytes: a QR code of version 3 (ISO/IEC 18004, 29 × 29 modules) takes 42 at level M.
    expect(qr).toBe(`trackit-approve:1:${code.replaceAll("-", "")}`);
    expect(Buffer.byteLength(qr)).toBeLessThanOrEqual(42);
    expect((await ada.trackit.devices.requests()).map((one) => one.id)).toContain(id);
    const device = await ada.trackit.devices.approve(qr);
    expect(await approved).toMatchObject({ id: device.id, kind: "device", here: true });
    expect(await laptop.devices.list()).toHaveLength(2);
    expect(await ada.trackit.devices.requests()).toEqual([]);

    const hers = await laptop.rooms.get(room.id);
    expect([hers.name, await texts(hers)]).toEqual(["Training", ["before the laptop", "so be it"]]);
    // own_new_device_first_send: no epoch so far has a wrap for it.
    await hers.send("from the laptop");
    const epochs = await kit.sql`
      select epoch from epoch_recipients where room_id = ${room.id} and device_id = ${device.id}`;
    expect(epochs.length).toBe(1);
    expect((await texts(await ben.trackit.rooms.get(room.id))).at(-1)).toBe("from the laptop");
    expect((await texts(await ada.trackit.rooms.get(room.id))).at(-1)).toBe("from the laptop");
  });

  it("knows whom ada knew: another identity of ben's is no news of the server's", async () => {
    const { ada, ben } = two();
    const cem = await talker(kit, "cem");
    await ada.trackit.rooms.direct(cem.username);
    const tablet = await approved(ada);
    await cem.trackit.devices.startOver({ confirm: true });
    await expect(tablet.rooms.direct(cem.username)).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    expect((await tablet.rooms.direct(ben.username)).name).toBe(ben.username);
  });

  it("and the old one learn from each other whom they met since", async () => {
    const jan = await talker(kit, "jan");
    const { ben } = two();
    Object.assign(keeping, { delay: 20, between: 200 });
    const laptop = await approved(jan);
    // The old one is off, so that it cannot learn of him before it is asked what it knows.
    await jan.trackit.close();
    await laptop.rooms.direct(ben.username);
    await expect
      .poll(() => kit.sql`select 1 from vault_items where user_id = ${jan.id} and kind = 2`)
      .toHaveLength(1);
    expect(await jan.keystore.get(`contact/${ben.id}`)).toBeNull();
    const back = await restarted(kit, jan);
    await back.trackit.devices.me();
    await expect.poll(() => jan.keystore.get(`contact/${ben.id}`)).toHaveLength(32);
    Object.assign(keeping, { delay: 5_000, between: 90_000 });
  });

  it("is told to ada's others until they acknowledge it, and not to itself", async () => {
    const { ada } = two();
    const told = new Inbox<DeviceNotice>();
    const phone = await approved(ada);
    phone.devices.on("added", told.put);
    const { id } = await (await approved(ada)).devices.me();
    const adas = await ada.trackit.devices.me();
    expect(await told.take()).toMatchObject({ device: { id, here: false, addedBy: adas.id } });
    expect(await phone.devices.notices()).toMatchObject([{ device: { id } }]);
    const again = new Inbox<DeviceNotice>();
    phone.devices.on("added", again.put);
    expect((await again.take()).device.id).toBe(id);
    await phone.devices.acknowledge(id);
    expect(await phone.devices.notices()).toEqual([]);
    // Whoever let it in knows of it.
    expect((await ada.trackit.devices.notices()).map(({ device }) => device.id)).not.toContain(id);
    await expect(phone.devices.acknowledge(ada.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  });

  it("has a name that ada's devices read and the database does not", async () => {
    const { ada } = two();
    const laptop = await approved(ada);
    const { id } = await laptop.devices.me();
    await laptop.devices.rename(id, "Küche-7f3a91c2");
    const seen = (await ada.trackit.devices.list()).find((device) => device.id === id);
    expect(seen?.name).toBe("Küche-7f3a91c2");
    await ada.trackit.devices.rename(id, "Work");
    expect((await laptop.devices.me()).name).toBe("Work");
    const [found] = await kit.sql`
      select count(*)::int as n from vault_items where position('7f3a91c2'::bytea in sealed) > 0`;
    expect(found?.n).toBe(0);
    await expect(laptop.devices.rename(ada.id, "x")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    await expect(laptop.devices.rename(id, " ")).rejects.toMatchObject(refusal("USAGE_INVALID"));
  });

  it("that was revoked learns no name that is given afterwards", async () => {
    const { ada } = two();
    const thief = await approved(ada);
    const { id } = await thief.devices.me();
    const own = await ada.trackit.devices.me();
    await ada.trackit.devices.rename(own.id, "before");
    const [old] = await kit.sql`select * from vault_items where item = ${own.id}`;
    await ada.trackit.devices.revoke(id);
    await ada.trackit.devices.rename(own.id, "after");
    const epochs = await kit.sql`
      select distinct epoch from vault_items where user_id = ${ada.id} and kind = 3`;
    const wraps = await kit.sql`select 1 from epoch_recipients where device_id = ${id}`;
    expect([epochs.length, wraps.length]).toEqual([1, 0]);
    await expect(thief.devices.rename(own.id, "mine")).rejects.toMatchObject({ name: "TrackItError" });
    expect((await ada.trackit.devices.me()).name).toBe("after");
    // A key never comes back into the log: let in again, it is another device.
    const asked = await thief.devices.requestApproval();
    const again = await ada.trackit.devices.approve(asked.code);
    expect((await asked.approved).id).toBe(again.id);
    expect(again.id).not.toBe(id);
    const nameOn = async (trackit: TrackIt) =>
      (await trackit.devices.list()).find((device) => device.id === own.id)?.name;
    expect(await nameOn(thief)).toBe("after");
    // What was sealed before the revocation, shown again: whoever was revoked could have made it.
    await kit.sql`
      update vault_items set sealed = ${old?.sealed}, epoch = ${old?.epoch}, item_version = ${old?.item_version},
        updated_at = clock_timestamp() where item = ${own.id}`;
    expect([await nameOn(ada.trackit), await nameOn(await approved(ada))]).toEqual(["after", null]);
  });

  it("that let others in takes them along when it is revoked, and the recovery code that it made", async () => {
    const eli = await talker(kit, "eli");
    const thief = await approved(eli);
    const asked = await (await another(eli)).devices.requestApproval();
    await thief.devices.approve(asked.code);
    await thief.recovery.create();
    expect(await eli.trackit.devices.list()).toHaveLength(3);
    await eli.trackit.devices.revoke((await thief.devices.me()).id, { withAdded: true });
    expect((await eli.trackit.devices.list()).map(({ here }) => here)).toEqual([true]);
    expect((await eli.trackit.recovery.status()).state).toBe("none");
  });

  it("reads what it may also where the approving one ended in the middle of it", async () => {
    const fin = await talker(kit, "fin");
    const room = await fin.trackit.rooms.create({ name: "Notes" });
    await room.send("kept");
    const laptop = await another(fin);
    const { code, approved: done, id } = await laptop.devices.requestApproval();
    const given = new AbortController();
    const hers = fin.trackit.devices.approve(code, { signal: given.signal }).catch((error: unknown) => error);
    await expect
      .poll(() => kit.sql`select 1 from device_approvals where id = ${id} and answer is not null`)
      .toHaveLength(1);
    given.abort();
    await fin.trackit.close();
    await hers;
    await done;
    Object.assign(keeping, { delay: 20, between: 200 });
    const back = await restarted(kit, fin);
    await back.trackit.devices.me();
    await expect.poll(async () => texts(await laptop.rooms.get(room.id))).toEqual(["kept"]);
    Object.assign(keeping, { delay: 5_000, between: 90_000 });
  });
});

describe("a code", () => {
  it("that is mistyped, another's, or of no request is told so, and lets nobody in", async () => {
    const { ada } = two();
    const before = (await ada.trackit.devices.list()).length;
    await expect(ada.trackit.devices.approve("7Q2M")).rejects.toMatchObject(refusal("USAGE_INVALID"));
    const laptop = await another(ada);
    const given = new AbortController();
    const { code, approved } = await laptop.devices.requestApproval({ signal: given.signal });
    const wrong = code.replace(/^./, (letter) => (letter === "0" ? "1" : "0"));
    await expect(ada.trackit.devices.approve(wrong)).rejects.toMatchObject(refusal("CRYPTO_APPROVAL"));
    given.abort();
    await expect(approved).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
    expect(await ada.trackit.devices.list()).toHaveLength(before);
    await expect(ada.trackit.devices.requestApproval()).rejects.toMatchObject(refusal("CONFLICT_DUPLICATE"));
  });

  it("approval_mitm_keys: a server that puts other keys into the request finds nobody to sign for them", async () => {
    const { ada } = two();
    const laptop = await another(ada);
    const given = new AbortController();
    const { code, id } = await laptop.devices.requestApproval({ signal: given.signal });
    const rows = await kit.sql`select rows from identities where user_id = ${ada.id} and retired_at is null`;
    // The signing key of the request stands at its 456th byte, the wrap key at the 34th.
    for (const at of [470, 60, 33]) {
      const [row] = await kit.sql`select request from device_approvals where id = ${id}`;
      await kit.sql`
        update device_approvals set request = set_byte(request, ${at}, 255 - get_byte(request, ${at})) where id = ${id}`;
      await expect(ada.trackit.devices.approve(code)).rejects.toMatchObject(refusal("CRYPTO_APPROVAL"));
      await kit.sql`update device_approvals set request = ${row?.request} where id = ${id}`;
    }
    expect(
      await kit.sql`select rows from identities where user_id = ${ada.id} and retired_at is null`,
    ).toEqual(rows);
    given.abort();
  });

  it("approval_fake_root: an answer that was changed, or of another request, brings no device in", async () => {
    const { ada } = two();
    await approved(ada);
    const [other] = await kit.sql`
      select answer from device_approvals where user_id = ${ada.id} and answer is not null limit 1`;
    for (const lie of ["other", "changed"]) {
      const laptop = await another(ada);
      const { code, id, approved: waits } = await laptop.devices.requestApproval();
      await kit.sql.unsafe(lyingAnswer(lie, id, Buffer.from(other?.answer as Uint8Array).toString("hex")));
      const given = new AbortController();
      const hers = ada.trackit.devices.approve(code, { signal: given.signal });
      await expect(waits).rejects.toMatchObject(refusal("CRYPTO_APPROVAL"));
      given.abort();
      await expect(hers).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
      await kit.sql`drop trigger lie on device_approvals`;
      await expect(laptop.devices.me()).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    }
  });

  it("brings nobody into a list of devices that is shown shorter than the approving one has seen it", async () => {
    const mia = await talker(kit, "mia");
    const laptop = await another(mia);
    const { code, approved: waits } = await laptop.devices.requestApproval();
    await mia.trackit.recovery.create();
    // The new device, which has read the first entry, is not shown the second, on which the approving one signs.
    await kit.sql`
      create function public.forged() returns trigger language plpgsql as $$
      begin
        delete from public.device_log l where l.user_id = new.user_id and l.seq > 1;
        update public.identities i set rows = 1 where i.user_id = new.user_id;
        return new;
      end $$`;
    await kit.sql`
      create trigger lie before update on device_approvals for each row when (new.answer is not null)
      execute function public.forged()`;
    const given = new AbortController();
    const hers = mia.trackit.devices.approve(code, { signal: given.signal });
    hers.catch(() => {}); // It may see what has happened to its own list before the new device does.
    await expect(waits).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    given.abort();
    await expect(hers).rejects.toMatchObject({ name: "TrackItError" });
    await kit.sql`drop trigger lie on device_approvals`;
    await kit.sql`drop function public.forged()`;
  });
});

/** What the database puts in the place of the answer, whenever it is written. */
function lyingAnswer(lie: string, id: string, other: string): string {
  const bytes =
    lie === "other"
      ? `decode('${other}', 'hex')`
      : "set_byte(new.answer, 40, 255 - get_byte(new.answer, 40))";
  return `
    create or replace function public.lie() returns trigger language plpgsql as $$
    begin
      new.answer := ${bytes};
      return new;
    end $$;
    create trigger lie before update on device_approvals for each row when (new.id = '${id}') execute function public.lie()`;
}

describe("a session that is not remembered", () => {
  it("reads no rooms until it is approved as a temporary device, lets nobody in, and ends with its session", async () => {
    const { ada } = two();
    const room = await ada.trackit.rooms.create({ name: "Reading" });
    await room.send("for every device");
    const tab = await another(ada, "never");
    await expect(tab.rooms.get(room.id)).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    const { code, approved } = await tab.devices.requestApproval();
    await ada.trackit.devices.approve(code);
    const { id, kind } = await approved;
    expect(kind).toBe("temporary");
    expect(await texts(await tab.rooms.get(room.id))).toEqual(["for every device"]);
    await (await tab.rooms.get(room.id)).send("from a tab");
    const laptop = await another(ada);
    const asked = await laptop.devices.requestApproval();
    await expect(tab.devices.approve(asked.code)).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    await expect(tab.recovery.create()).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    await tab.auth.signOut();
    expect((await ada.trackit.devices.list()).map((device) => device.id)).not.toContain(id);
    await room.send("without the tab");
    expect(await texts(await ada.trackit.rooms.get(room.id))).toEqual([
      "for every device",
      "from a tab",
      "without the tab",
    ]);
  });

  it("is ended by another device after a day, where nobody signed out", async () => {
    const gus = await talker(kit, "gus");
    const tab = await approved(gus, "never");
    const laptop = await approved(gus);
    const { id } = await tab.devices.me();
    await kit.sql`update devices set created_at = now() - interval '25 hours' where id = ${id}`;
    Object.assign(keeping, { delay: 20, between: 200 });
    const back = await restarted(kit, gus);
    await expect
      .poll(async () => (await back.trackit.devices.list()).map((device) => device.kind))
      .toEqual(["device", "device"]);
    Object.assign(keeping, { delay: 5_000, between: 90_000 });
    expect(await laptop.devices.me()).toMatchObject({ kind: "device" });
  });

  it("is no account's first device", async () => {
    const { API_URL: url, PUBLISHABLE_KEY: key } = kit.stack.env;
    const nia = await kit.register("nia");
    const trackit = kit.keep(createTrackIt({ url, key, remember: "tab" }));
    await trackit.auth.signIn({ email: nia.email, password: PASSWORD });
    await expect(trackit.devices.me()).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    await expect(trackit.devices.requestApproval()).rejects.toMatchObject(refusal("USAGE_REFERENCE"));
  });
});
