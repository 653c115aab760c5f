import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import { type LoadRequest, load, rounds } from "../lib/load.ts";
import { type Figure, median, round } from "../lib/result.ts";
import type { BenchStack } from "../lib/stack.ts";

const ASKED = 64;
const OTHERS = 100_000;

/** Links opened by the function, as fast as it goes: each is counted, recorded and signed. */
export async function redeem(stack: BenchStack, file: string): Promise<Figure[]> {
  const admin = new pg.Client({ connectionString: stack.adminUrl });
  await admin.connect();
  try {
    const requests = await makeLinks(stack, admin, file);
    const first = await speedOf(stack, requests);
    await makeOthers(admin, file);
    const last = await speedOf(stack, requests);
    return [
      { name: "links opened", value: first, unit: "requests/s" },
      { name: `links opened among ${OTHERS.toLocaleString("en")}`, value: last, unit: "requests/s" },
      { name: "among many / among few", value: round(last / first, 2), unit: "ratio", goal: ">= 0.9" },
    ];
  } finally {
    await admin.end();
  }
}

async function speedOf(stack: BenchStack, requests: readonly LoadRequest[]): Promise<number> {
  const speeds: number[] = [];
  for (let turn = 0; turn < rounds; turn++) speeds.push((await load(stack.url, requests)).perSecond);
  return median(speeds);
}

/** As docs/protocol.md §6 has it: the server keeps what the tokens come to. */
const hashOf = (token: Buffer): Buffer =>
  createHash("sha256").update(Buffer.from("trackit/1/link-token\0")).update(token).digest();

const linkSql = `with link as (
    insert into public.shares (id, file_id, owner_id, content_version, password)
    select one.id, f.id, f.owner_id, f.content_version, false
    from unnest($1::uuid[]) one (id), public.files f where f.id = $2 returning id
  )
  insert into private.share_secrets (share_id, door_hash, access_hash, body)
  select one.id, one.door, one.access, $5 from link join unnest($1::uuid[], $3::bytea[], $4::bytea[]) one (id, door, access)
    on one.id = link.id`;

async function makeLinks(stack: BenchStack, admin: pg.Client, file: string): Promise<LoadRequest[]> {
  const links = Array.from({ length: ASKED }, () => ({
    link: crypto.randomUUID(),
    door: randomBytes(32),
    access: randomBytes(32),
  }));
  await admin.query(linkSql, [
    links.map(({ link }) => link),
    file,
    links.map(({ door }) => hashOf(door)),
    links.map(({ access }) => hashOf(access)),
    randomBytes(400),
  ]);
  // With the secret key, which no limit counts: one machine asks for all.
  const headers = { apikey: stack.secretKey, "content-type": "application/json" };
  return links.map(({ link, door, access }) => ({
    ...{ method: "POST", path: "/functions/v1/share", headers },
    body: JSON.stringify({ link, door: door.toString("base64url"), access: access.toString("base64url") }),
  }));
}

async function makeOthers(admin: pg.Client, file: string): Promise<void> {
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `with link as (
       insert into public.shares (id, file_id, owner_id, content_version, password)
       select gen_random_uuid(), f.id, f.owner_id, 1, false from public.files f, generate_series(1, $2) where f.id = $1
       returning id
     )
     insert into private.share_secrets (share_id, door_hash, access_hash, body)
     select id, sha256(uuid_send(id)), sha256(sha256(uuid_send(id))), sha256(uuid_send(id)) from link`,
    [file, OTHERS],
  );
  await admin.query("set session_replication_role = origin");
  await admin.query("vacuum analyze public.shares, private.share_secrets");
}
