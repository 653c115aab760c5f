import { readFileSync } from "node:fs";
import path from "node:path";
import { importJWK, SignJWT } from "jose";
import pg from "pg";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import type { StackKeys } from "../../stack/src/keys/keys.ts";
import { type Person as Account, createPeople } from "../../tests/sql/support/people.ts";
import * as rooms from "../../tests/sql/support/rooms.ts";
import type { BenchStack } from "../lib/stack.ts";
import { ask } from "./client-trackit.ts";

export interface Person extends Account {
  token: string;
}

/** What the parts of the workload share. */
export interface World {
  stack: BenchStack;
  /** Past every policy. */
  db: pg.Client;
  people: readonly Person[];
  /** For what is thrown away. */
  folder: string;
}

/** People with a session and a device, made by SQL: by Auth a hundred would take half a minute of hashing. */
export async function makePeople(
  stack: BenchStack,
  data: string,
  db: pg.Client,
  count: number,
): Promise<Person[]> {
  const { signingKey } = JSON.parse(readFileSync(path.join(data, "keys.json"), "utf8")) as StackKeys;
  const key = await importJWK(signingKey.privateJwk, "ES256");
  const names = Array.from({ length: count }, (_, at) => `talker${at}`);
  const accounts = Object.values(await createPeople(db, ...names));
  const people: Person[] = [];
  for (const account of accounts) {
    const token = await new SignJWT({ session_id: account.sessionId, role: "authenticated", aal: "aal1" })
      .setProtectedHeader({ alg: "ES256", kid: signingKey.kid, typ: "JWT" })
      .setSubject(account.id)
      .setAudience("authenticated")
      .setIssuer(`${stack.url}/auth/v1`)
      .setIssuedAt()
      .setExpirationTime("2h")
      .sign(key);
    people.push({ ...account, token });
  }
  for (const one of people)
    await call(stack, one, "append_device_entry", { entry: rooms.text(rooms.firstDevice(one)) });
  return people;
}

/**
 * A room of the first of these people with the others in it, past the log, and with so many more whom nobody plays.
 * Its epoch is 1.
 */
export async function makeRoom(
  stack: BenchStack,
  db: pg.Client,
  people: readonly Person[],
  more = 0,
): Promise<string> {
  const [maker] = people as [Person];
  const room = uuid7();
  const entry = rooms.text(rooms.roomEntry(room, 1, 1, maker, rooms.createData(1)));
  const change = {
    ...rooms.commit(room, 1, maker, [maker]),
    seen: { log: 1, devices: { [maker.id]: 1 } },
  };
  await call(stack, maker, "create_room", { entry, change });
  await db.query("set session_replication_role = replica");
  await db.query(
    `insert into public.room_members (room_id, user_id, root, role, since)
     select $1::uuid, p.id, decode(p.root, 'hex'), 1, 1 from unnest($2::uuid[], $3::text[]) as p (id, root)
     union all select $1::uuid, gen_random_uuid(), sha256('x'), 1, 1 from generate_series(1, $4)`,
    [
      room,
      people.slice(1).map(({ id }) => id),
      people.slice(1).map((one) => rooms.rootOf(one).toString("hex")),
      more,
    ],
  );
  await db.query("set session_replication_role = origin");
  await db.query("analyze public.room_members, public.rooms");
  return room;
}

export const call = <Answer>(stack: BenchStack, who: Person, name: string, args: object): Promise<Answer> =>
  ask<Answer>({ url: stack.url, key: stack.publishableKey, token: who.token }, name, args);

/** A connection past every policy. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
