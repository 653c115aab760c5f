import type { Bytes } from "../../crypto/bytes/index.ts";
import { across, Database, KEPT, KEYS, range } from "../database.ts";
import { makeDevice } from "./device.ts";
import { makeSealKey } from "./seal.ts";
import { type Device, type Entry, holds, type Seal, type Shelf, wiped } from "./shelf.ts";

/** Beside the outbox's own seal, which may do less. */
const SEAL = "keystore/seal";
const DEVICE = "keystore/device";

/**
 * The browser's database of this name, in a worker or a page. CryptoKeys are kept as such (structured clone), so
 * that no script ever has their bytes.
 */
export function indexedDbShelf(name: string): Shelf {
  const database = new Database(name, "keystore");
  return {
    seal: () => firstSeal(database),
    device: (seal) => deviceIn(database, seal),
    makeDevice: (seal, instead) => onceInAllTabs(`${name}:device`, () => make(database, seal, instead)),
    read: (seal, keys) =>
      sealed<(Bytes | null)[]>(database, seal, "readonly", (objectsOf, done) => {
        const requests = keys.map((key) => objectsOf(KEPT).get(key));
        const last = requests.at(-1);
        const answer = () => done(requests.map(({ result }) => (result as Bytes | undefined) ?? null));
        if (last) last.onsuccess = answer;
        else answer();
      }),
    list: (seal, prefix) =>
      sealed<[string, Bytes][]>(database, seal, "readonly", (objectsOf, done) => {
        const keys = objectsOf(KEPT).getAllKeys(range(prefix));
        const values = objectsOf(KEPT).getAll(range(prefix));
        values.onsuccess = () =>
          done(keys.result.map((key, at) => [String(key), values.result[at] as Bytes]));
      }),
    batch: (seal, changes, guards) =>
      sealed<boolean>(database, seal, "readwrite", (objectsOf, done) =>
        guarded(objectsOf(KEPT), guards, (hold) => {
          if (hold) applyAll(objectsOf(KEPT), changes);
          done(hold);
        }),
      ),
    wipe: () =>
      across<void>(database, [KEPT, KEYS], "readwrite", (objectsOf, done) => {
        objectsOf(KEPT).clear();
        objectsOf(KEYS).delete(SEAL);
        objectsOf(KEYS).delete(DEVICE);
        done();
      }),
    close: () => database.close(),
  };
}

/** A transaction that goes on only while the seal is the one that its caller knows. */
function sealed<Answer>(
  database: Database,
  seal: string,
  mode: IDBTransactionMode,
  work: (
    objectsOf: (name: typeof KEPT | typeof KEYS) => IDBObjectStore,
    done: (answer: Answer) => void,
  ) => void,
): Promise<Answer> {
  return across<Answer>(database, [KEPT, KEYS], mode, (objectsOf, done, refuse) => {
    const request = objectsOf(KEYS).get(SEAL);
    request.onsuccess = () => {
      if ((request.result as Seal | undefined)?.id === seal) work(objectsOf, done);
      else refuse(wiped());
    };
  });
}

/** The seal of the tab that came first: of two that make one at once, the transaction lets one win. */
async function firstSeal(database: Database): Promise<Seal> {
  const candidate = { id: crypto.randomUUID(), key: await makeSealKey() };
  return across<Seal>(database, [KEYS], "readwrite", (objectsOf, done) => {
    const request = objectsOf(KEYS).get(SEAL);
    request.onsuccess = () => {
      if (request.result === undefined) objectsOf(KEYS).put(candidate, SEAL);
      done((request.result as Seal | undefined) ?? candidate);
    };
  });
}

function deviceIn(database: Database, seal: string): Promise<Device | null> {
  return sealed<Device | null>(database, seal, "readonly", (objectsOf, done) => {
    const request = objectsOf(KEYS).get(DEVICE);
    request.onsuccess = () => done((request.result as Device | undefined) ?? null);
  });
}

/** RSA takes its time: tabs wait for each other rather than make what is thrown away. */
async function onceInAllTabs<Answer>(name: string, work: () => Promise<Answer>): Promise<Answer> {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

async function make(database: Database, seal: string, instead: Uint8Array | null): Promise<Device> {
  const present = await deviceIn(database, seal);
  if (present && !isThat(present, instead)) return present;
  const candidate = await makeDevice();
  return sealed<Device>(database, seal, "readwrite", (objectsOf, done) => {
    const request = objectsOf(KEYS).get(DEVICE);
    request.onsuccess = () => {
      const found = request.result as Device | undefined;
      const free = found === undefined || isThat(found, instead);
      if (free) objectsOf(KEYS).put(candidate, DEVICE);
      done(free ? candidate : found);
    };
  });
}

function isThat({ public: { sign } }: Device, instead: Uint8Array | null): boolean {
  return instead !== null && holds(sign, instead);
}

/** Whether every key still holds the very bytes that were read. */
function guarded(kept: IDBObjectStore, guards: readonly Entry[], then: (hold: boolean) => void): void {
  const requests = guards.map(([key]) => kept.get(key));
  const last = requests.at(-1);
  const decide = () =>
    then(
      requests.every(({ result }, at) =>
        holds((result as Bytes | undefined) ?? null, guards[at]?.[1] ?? null),
      ),
    );
  if (last) last.onsuccess = decide;
  else decide();
}

function applyAll(kept: IDBObjectStore, changes: readonly Entry[]): void {
  for (const [key, value] of changes) {
    if (value === null) kept.delete(key);
    else kept.put(value, key);
  }
}
