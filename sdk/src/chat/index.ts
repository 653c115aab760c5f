import type { Connection } from "../connect.ts";
import { invalid } from "../failure/invalid.ts";
import { lazyVerbs, onceLoaded } from "../lazy.ts";
import type { Live } from "../live/index.ts";
import { listing } from "../paging/listing.ts";
import { exportStream } from "../transfer/stream.ts";
import type { Page } from "../types.ts";
import type { Chat } from "./chat.ts";
import type { Core, Station } from "./core.ts";
import type {
  BlockedPerson,
  ChatOptions,
  Devices,
  DevicesEvents,
  EvidenceOptions,
  Recovery,
  RoomSummary,
  Rooms,
} from "./types.ts";

export interface ChatNouns {
  devices: Devices;
  recovery: Recovery;
  rooms: Rooms;
}

/** How other nouns reach the keys of whoever is signed in. */
export interface ChatKeys {
  station(action: string): Promise<Station>;
  /** @throws CRYPTO_DEVICE */
  core(action: string): Promise<Core>;
}

/** Rooms and devices of a client; everything behind them loads with the first verb. */
export function chatOn(
  connection: Connection,
  live: Live,
  options: ChatOptions,
): { nouns: ChatNouns; keys: ChatKeys; close(): Promise<void> } {
  let loaded: Promise<Chat> | null = null;
  const start = onceLoaded(async () => new (await import("./chat.ts")).Chat(connection, live, options));
  const load = (): Promise<Chat> => {
    const loading = start();
    loaded = loading;
    return loading;
  };
  const listen =
    (noun: string, wanted: readonly string[], start: (chat: Chat) => () => void) => (event: string) => {
      if (!wanted.includes(event)) throw invalid(`${noun}.on`, "event", event, wanted.join(" or "));
      let stop: (() => void) | null = null;
      let over = false;
      void load().then((chat) => {
        if (!over) stop = start(chat);
      });
      return () => {
        over = true;
        stop?.();
      };
    };
  /** Each verb is the loaded one's. */
  const verbs = <Names extends string>(noun: keyof ChatNouns, names: Names) =>
    lazyVerbs(async () => (await load())[noun], noun, names);
  /** What the loaded one reads page by page. */
  const pages =
    <Row>(name: "list" | "blocked") =>
    (given: object = {}) =>
      listing<Row>(
        async (...page) => (await load()).rooms[name](...page) as Promise<Page<Row>>,
        given,
        `rooms.${name}`,
      );
  const rooms = {
    ...verbs("rooms", "create direct self get join block unblock report"),
    list: pages<RoomSummary>("list"),
    blocked: pages<BlockedPerson>("blocked"),
    exportEvidence: (id: string, options: EvidenceOptions = {}) =>
      exportStream(async function* () {
        yield* (await load()).evidence(id, options);
      }),
    on: (event: string, listener: () => void) =>
      listen("rooms", ["change"], (chat) => chat.onChange(listener))(event),
  } satisfies Record<keyof Rooms, unknown>;
  const devices = {
    ...verbs(
      "devices",
      "me list revoke rename safetyNumber identity verify accept requestApproval requests approve notices acknowledge startOver",
    ),
    on: (event: keyof DevicesEvents, listener: never) =>
      listen("devices", ["alarm", "added", "request"], (chat) => chat.onDevices(event, listener))(event),
  } satisfies Record<keyof Devices, unknown>;
  const recovery = verbs("recovery", "status create confirm use backUp") satisfies Record<
    keyof Recovery,
    unknown
  >;
  connection.leaving = async (how) => {
    // What an earlier session has left is deleted as well.
    const chat = await (how.wipe ? load() : loaded)?.catch(() => null);
    return (await chat?.leave(how)) ?? null;
  };
  return {
    nouns: { rooms, devices, recovery } as unknown as ChatNouns,
    keys: {
      station: async (action) => (await load()).station(action),
      core: async (action) => (await load()).core(action),
    },
    close: async () => (await loaded?.catch(() => null))?.close(),
  };
}
