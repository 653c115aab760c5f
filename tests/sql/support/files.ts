import { createHash, randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import type { Database } from "./database.ts";
import { type Person, queryAs } from "./people.ts";

/** A link with the two tokens that its fragment gives. */
export interface Link {
  id: string;
  door: string;
  access: string;
}

/** Puts the object of a file's version there, as the storage server does. */
export async function store({ admin }: Database, owner: Person, file: string, size: number): Promise<void> {
  await admin.query("insert into storage.objects (bucket_id, name, metadata) values ('files', $1, $2)", [
    `${owner.id}/${file}/1`,
    { size },
  ]);
}

/** A file of one byte, uploaded. */
export async function createFile(database: Database, owner: Person): Promise<string> {
  const id = randomUUID();
  await queryAs(database.admin, owner, "select public.reserve_file($1, 1)", [id]);
  await store(database, owner, id, 1);
  await queryAs(database.admin, owner, "select public.complete_upload($1)", [id]);
  return id;
}

/** H(`link-token`, token) of docs/protocol.md §6. */
export const tokenHash = (token: string) =>
  createHash("sha256")
    .update("trackit/1/link-token\0")
    .update(Buffer.from(token, "base64url"))
    .digest("base64url");

export async function makeLink(
  { admin }: Database,
  owner: Person,
  file: string,
  { maxDownloads = null }: { maxDownloads?: number | null } = {},
): Promise<Link> {
  const token = () => randomBytes(32).toString("base64url");
  const link = { id: randomUUID(), door: token(), access: token() };
  await queryAs(admin, owner, "select public.create_share($1, $2, 1, $3, $4, 'AAAA', max_downloads := $5)", [
    link.id,
    file,
    tokenHash(link.access),
    tokenHash(link.door),
    maxDownloads,
  ]);
  return link;
}

/** Opens links as the function `share` does; says what came of it. */
export function redeemer(client: pg.Client, nonce: string | null = null): (link: Link) => Promise<string> {
  return async ({ id, door, access }) => {
    await client.query("begin");
    await client.query("set local role service_role");
    const { rows } = await client.query<{ outcome: string }>(
      "select public.share_redeem($1, $2, $3, nonce => $4) ->> 'outcome' as outcome",
      [id, door, access, nonce],
    );
    await client.query("commit");
    return rows[0]?.outcome ?? "";
  };
}
