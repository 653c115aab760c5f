import { createHash } from "node:crypto";
import type pg from "pg";
import type { Dice } from "../../support/random.ts";
import { type Link, redeemer, tokenHash } from "./files.ts";
import { type Person, queryAs } from "./people.ts";

/** With whom and where files are shared. */
export interface Around {
  people: Person[];
  rooms: string[];
}

/** One act of somebody on one device. */
export type Act = (device: pg.Client, who: Person) => Promise<unknown>;

const call =
  (sql: string, ...values: unknown[]): Act =>
  (device, who) =>
    queryAs(device, who, `select public.${sql}`, values);

/** Ids of few things, so that devices meet at them. */
const kinds = { a: 1e9, d: 6, e: 3, f: 16 };
const idOf = (roll: Dice, kind: keyof typeof kinds) =>
  `${kind}0000000-0000-4000-8000-${String(roll.between(1, kinds[kind])).padStart(12, "0")}`;

/** A link of which everybody has the fragment. */
function linkOf(id: string): Link {
  const token = (name: string) => createHash("sha256").update(`${name} ${id}`).digest("base64url");
  return { id, door: token("door"), access: token("access") };
}

const redeem =
  (link: Link, nonce: string | null): Act =>
  (device) =>
    redeemer(device, nonce)(link);

/** Opens a link and looks again, as the function `share` does. */
const renew =
  ({ id, door, access }: Link, nonce: string): Act =>
  async (device) => {
    await device.query("begin; set local role service_role");
    const grant = "public.share_redeem($1, $2, $3, nonce => $4) ->> 'grant'";
    await device.query(`select public.share_renew($1, ${grant})`, [id, door, access, nonce]);
    await device.query("commit");
  };

/** An act with a file, a folder or a link of few, as `roll` falls. */
export function actOf(roll: Dice, { people, rooms }: Around): Act {
  const acts = roll.pick([uploads, uploads, uploads, files, folders, sharing, links, links]);
  return roll.pick(acts(roll, { people, rooms }));
}

function uploads(roll: Dice): Act[] {
  const [file, size] = [idOf(roll, "f"), roll.between(0, 30)];
  return [
    call("reserve_file($1, $2)", file, size),
    call("reserve_file($1, $2)", idOf(roll, "f"), size),
    call("reserve_file($1, $2, folder := $3)", file, size, idOf(roll, "d")),
    call("reserve_version($1, $2, $3)", file, idOf(roll, "a"), size),
    call("complete_upload((public.my_uploads() #>> '{0,upload,id}')::uuid)"),
    call("complete_upload((public.my_uploads() #>> '{-1,upload,id}')::uuid)"),
    call("complete_upload($1)", file),
    call("cancel_upload((public.my_uploads() #>> '{-1,upload,id}')::uuid)"),
  ];
}

function files(roll: Dice): Act[] {
  const [file, other] = [idOf(roll, "f"), idOf(roll, "f")];
  return [
    call("change_file($1, '{\"trashed\": true}')", file),
    call("change_file($1, '{\"trashed\": true}')", other),
    call("change_file($1, '{\"trashed\": false}')", file),
    call("change_file($1, jsonb_build_object('folder_id', $2::text))", file, idOf(roll, "d")),
    call("purge_files(array[$1, $2]::uuid[])", file, other),
    call("restore_version($1, $2)", file, roll.between(1, 4)),
  ];
}

function folders(roll: Dice): Act[] {
  const folder = idOf(roll, "d");
  return [
    call("create_folder($1, $2, 'x')", folder, roll.pick([null, idOf(roll, "d")])),
    call("create_folder($1, null, 'x')", folder),
    call("change_folder($1, jsonb_build_object('parent_id', $2::text))", folder, idOf(roll, "d")),
    call("change_folder($1, '{\"trashed\": true}')", folder),
    call("change_folder($1, '{\"trashed\": false}')", folder),
    call("purge_folder($1)", folder),
  ];
}

function sharing(roll: Dice, { people, rooms }: Around): Act[] {
  const [file, person] = [idOf(roll, "f"), roll.pick(people).id];
  return [
    call("share_file($1, $2)", file, person),
    call("share_file($1, $2)", idOf(roll, "f"), person),
    call("unshare_file($1, $2)", file, person),
    call("attach_file($1, $2)", file, roll.pick(rooms)),
    call("attach_file($1, $2)", idOf(roll, "f"), roll.pick(rooms)),
    call("detach_file($1)", file),
  ];
}

function links(roll: Dice): Act[] {
  const link = linkOf(idOf(roll, "e"));
  const nonce = Buffer.alloc(16, roll.between(1, 5)).toString("base64url");
  const make = (file: string, version: number) =>
    call(
      "create_share($1, $2, $3, $4, $5, 'AAAA', max_downloads := $6)",
      link.id,
      file,
      version,
      tokenHash(link.access),
      tokenHash(link.door),
      roll.pick([null, 2, 5]),
    );
  return [
    make(idOf(roll, "f"), 1),
    make(idOf(roll, "f"), roll.between(1, 2)),
    call("revoke_share($1)", link.id),
    redeem(link, null),
    redeem(link, nonce),
    renew(link, nonce),
    redeem({ ...link, access: link.door }, nonce),
  ];
}
