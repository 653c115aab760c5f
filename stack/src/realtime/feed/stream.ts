import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { connectionOf } from "./copy.ts";
import { type Handler, Queue } from "./queue.ts";
import { prepareSlot, slotName } from "./slot.ts";

/** What Postgres is given to end replication in good order. */
const courtesy = 1_000;
/**
 * Milliseconds between the words that make Postgres look whether there is something to send. A walsender looks by
 * itself, and only then lines up to be woken by the next commit (since Postgres 16): one that is made in between
 * wakes nobody, and would be told when somebody writes again.
 */
const nudgeEvery = 100;

interface StreamOptions extends Handler {
  url: string;
  /** Names of publications that exist. */
  publications: string[];
  /** Where to go on, if that is later than what the slot knows. */
  from: bigint;
}

/** A running replication connection. */
export interface Stream {
  /** Resolves when the connection is over, with the reason if there is one. */
  ended: Promise<Error | null>;
  /** Ends it once what is under way is handled. */
  stop(): Promise<void>;
}

/**
 * Reads the slot from Postgres. A transaction is acknowledged when it has been handled, never when it was merely
 * received, so that one which was not handled comes again.
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: "realtime replication",
    replication: "database",
  } as pg.ClientConfig);
  const ended = endOf(client);
  // One that failed may be paused, and would not notice by itself that Postgres has gone.
  void ended.then(() => connectionOf(client).stream.destroy());
  try {
    await client.connect();
    await prepareSlot(client);
    const queue = new Queue(connectionOf(client), options, (error) => client.emit("error", error));
    const { over } = await start(client, options);
    const nudge = setInterval(() => queue.acknowledge(), nudgeEvery).unref();
    void ended.then(() => clearInterval(nudge));
    return {
      ended,
      async stop() {
        await queue.end();
        // Said politely, Postgres lets go of the slot at once; of a socket that is gone it learns much later.
        connectionOf(client).endCopyFrom();
        await Promise.race([over, ended, wait(courtesy, undefined, { ref: false })]);
        await client.end().catch(() => {});
      },
    };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

function endOf(client: pg.Client): Promise<Error | null> {
  return new Promise((resolve) => {
    client.on("error", resolve);
    client.on("end", () => resolve(null));
  });
}

/** @returns `over` resolves when replication is */
function start(
  client: pg.Client,
  { publications, from }: StreamOptions,
): Promise<{ over: Promise<unknown> }> {
  const names = publications.join(",").replaceAll("'", "''");
  const lsn = `${(from >> 32n).toString(16)}/${(from & 0xffff_ffffn).toString(16)}`;
  const command = `START_REPLICATION SLOT "${slotName}" LOGICAL ${lsn} (proto_version '1', publication_names '${names}', messages 'true')`;
  return new Promise((resolve, reject) => {
    // It returns when replication ends, and rejects when it fails: at once, or any time later.
    const over = client.query(command).catch((error: Error) => {
      reject(error);
      client.emit("error", error);
    });
    connectionOf(client).once("replicationStart", () => resolve({ over }));
  });
}
