import { describeError } from "../../gateway/errors.ts";
import { type Identity, RefusedError } from "../access/identity.ts";
import type { Permission } from "../access/policies.ts";
import { checkSession } from "../access/sessions.ts";
import { idOf } from "../changes/params.ts";
import type { Services } from "../services.ts";
import type { Connection } from "../socket/connection.ts";
import type { Incoming } from "../wire/message.ts";
import { Channel } from "./channel.ts";
import { type JoinParams, readJoin } from "./params.ts";
import { enterPresence } from "./presence.ts";
import { readReplay } from "./replay.ts";
import { subscribeChanges, subscribed, subscribeFirst } from "./subscribe.ts";

/** A join waits so long for the feed, so that nothing which is written once it is answered is missed. */
const feedPatience = 3_000;
const replicationPatience = 15_000;

/** Opens a channel for `phx_join`, or answers why not. */
export async function join(connection: Connection, message: Incoming, services: Services): Promise<void> {
  // A second join of a topic takes the place of the first.
  connection.channels.get(message.topic)?.close();
  const { endings } = services.hub;
  try {
    const channel = await admit(connection, message, services);
    // What is told from the seat on is to be later than what is replayed.
    if (channel.params.broadcast.replay !== undefined) await services.feed.catchUp(feedPatience);
    if (connection.closed) return;
    takeSeat(channel, services);
    // A session that ended before the seat was taken has closed no channel there.
    if (services.hub.endings !== endings) await checkSession(services.database, channel.identity);
    await answer(channel, message, services);
  } catch (error) {
    const { joinRef, ref, topic } = message;
    connection.channels.get(topic)?.drop();
    const reason = error instanceof RefusedError ? error.reason : "Unknown Error on Channel";
    if (!(error instanceof RefusedError)) services.log.warn("realtime.join", describeError(error));
    const payload = { status: "error", response: { reason } };
    connection.send({ joinRef, ref, topic, event: "phx_reply", payload });
    if (error instanceof RefusedError && error.code === "ClientJoinRateLimitReached") connection.end();
  }
}

/** Checks in the order of the real server, what is cheap first. */
async function admit(connection: Connection, message: Incoming, services: Services): Promise<Channel> {
  const { config } = services;
  const { topic } = message;
  const name = topic.slice("realtime:".length);
  // NUL is the one character that Postgres cannot say.
  if (name === "" || name.includes("\0")) {
    throw new RefusedError("TopicNameRequired", "You must provide a topic name");
  }
  const params = readJoin(message.payload);
  if (config.private_only && !params.private) {
    throw new RefusedError("PrivateOnly", "This project only allows private channels");
  }
  connection.joins.add();
  if (connection.joins.sum > config.max_joins_per_second) {
    throw new RefusedError("ClientJoinRateLimitReached", "Too many joins per second");
  }
  if (connection.channels.size >= config.max_channels_per_client) {
    throw new RefusedError("ChannelRateLimitReached", "Too many channels");
  }
  const identity = params.token ? await services.identities.ofToken(params.token) : connection.identity;
  const read = await permissionsOf(identity, name, params, services);
  return new Channel(connection, message, params, { identity, read });
}

/**
 * What somebody may read on a topic; null on public ones, where nobody is asked.
 * @throws RefusedError
 */
export async function permissionsOf(
  identity: Identity,
  name: string,
  params: JoinParams,
  { database, policies }: Services,
): Promise<Permission | null> {
  await checkSession(database, identity);
  if (!params.private) return null;
  const read = await policies.mayRead(identity, name);
  if (!read.broadcast && !read.presence) {
    const text = `You do not have permissions to read from this Channel topic: ${name}`;
    throw new RefusedError("Unauthorized", text);
  }
  return read;
}

/** The seat is taken before the answer, so that nothing which happens from then on is missed. */
function takeSeat(channel: Channel, { hub }: Services): void {
  const { connection, topic } = channel;
  connection.channels.set(topic, channel);
  channel.at = hub.enter(channel);
  channel.onClose(() => {
    hub.leave(channel);
    if (connection.channels.get(topic) === channel) connection.channels.delete(topic);
  });
}

async function answer(channel: Channel, { ref }: Incoming, services: Services): Promise<void> {
  const { connection, params } = channel;
  await services.feed.whenReady(feedPatience);
  await services.feed.settled();
  const messages = await readReplay(channel, services);
  if (params.changesWait !== null) await subscribeFirst(channel, params.changesWait, services);
  if (channel.closed) return;
  channel.reply(ref, "ok", { postgres_changes: params.changes.map((one) => ({ ...one, id: idOf(one) })) });
  // From here on in the order that clients know: who is there, what was, what is.
  enterPresence(channel);
  for (const message of messages) connection.sendFanOut(message);
  channel.open();
  channel.watchExpiry();
  if (params.changesWait === null) await subscribeChanges(channel, services);
  else channel.system("postgres_changes", "ok", subscribed);
  if (params.broadcast.replicationReady) void tellReplication(channel, services);
}

async function tellReplication(channel: Channel, { feed }: Services): Promise<void> {
  if (await feed.whenReady(replicationPatience)) {
    channel.system("system", "ok", "Replication connection established");
  } else channel.shutDown("Replication connection was not established in time");
}
