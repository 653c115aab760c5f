import type { SupabaseClient } from "@supabase/supabase-js";
import type { Activities } from "./activities/types.ts";
import type { Auth, Remember } from "./auth/types.ts";
import type { ChatOptions, Devices, Recovery, Rooms } from "./chat/types.ts";
import type { Folders } from "./files/folder-types.ts";
import type { Files } from "./files/verbs.ts";
import type { Goals } from "./goals/types.ts";
import type { Limits } from "./limits/types.ts";
import type { LiveConnection, Presence, PresenceOptions } from "./live/types.ts";
import type { Mail } from "./mail/types.ts";
import type { OfflineOptions, Outbox } from "./outbox/types.ts";
import type { Profiles } from "./profiles/types.ts";
import type { Database } from "./schema/database.types.ts";
import type { Shares } from "./shares/types.ts";
import type { KeyValue } from "./store/types.ts";
import type { Tasks } from "./tasks/types.ts";
import type { ExportOptions, ExportStream, ImportOptions, ImportReport } from "./transfer/types.ts";
import type { JsonObject } from "./types.ts";

/**
 * A Supabase client that the app has made itself, of any release since 2.109 and for any database type: structural,
 * because TypeScript takes no class with private parts for the same class of another release.
 */
export interface AppClient {
  readonly auth: object;
  readonly from: object;
  readonly realtime: object;
  readonly rpc: object;
}

export interface TrackItOptions {
  /** The project's address: `https://<ref>.supabase.co`, or API_URL of a local stack. */
  url: string;
  /** The publishable key (or the legacy anon key). */
  key: string;
  /** Where sessions go when `signIn` says nothing; `device` when left out. */
  remember?: Remember | undefined;
  /** Storage of one's own, for Node, React Native or tests; the browser's when left out, memory elsewhere. */
  storage?: { device?: KeyValue | undefined; tab?: KeyValue | undefined } | undefined;
  /** Ends a request after this many milliseconds with NETWORK_TIMEOUT; 30,000 when left out, 0 for never. */
  timeout?: number | undefined;
  /**
   * Keeps writes that find no network, on this device, and sends them later (docs/offline.md); off when left out.
   */
  offline?: boolean | OfflineOptions | undefined;
  /** Where end-to-end encryption keeps its keys (docs/chat.md). */
  chat?: ChatOptions | undefined;
  /**
   * WebCrypto for messages and files, `nodeCrypto` of `@trackit/sdk/node` for one; the runtime's when left out. Keystores
   * keep to the runtime's.
   */
  crypto?: Crypto | undefined;
  /** A fetch of one's own. */
  fetch?: typeof fetch | undefined;
}

export interface TrackIt {
  auth: Auth;
  profiles: Profiles;
  goals: Goals;
  tasks: Tasks;
  activities: Activities;
  /** End-to-end encrypted conversations. */
  rooms: Rooms;
  /** The account's devices, which hold its keys. */
  devices: Devices;
  /** The way back when every device was lost. */
  recovery: Recovery;
  /** Files, sealed on this device before they leave it unless it is told otherwise. */
  files: Files;
  folders: Folders;
  /** Links to files, and files shared with people. */
  shares: Shares;
  limits: Limits;
  /** Writes that wait for the network; always empty without `offline`. */
  outbox: Outbox;
  mail: Mail;
  /** The connection over which `watch` hears of changes. */
  connection: LiveConnection;
  /**
   * Tells the other devices of this account that this one is there, and tells this one who else is.
   *
   * @param payload What is said about this device; at most 8 KiB as JSON.
   * @throws USAGE_INVALID at once; AUTH_ codes by `ready` and `onError`
   * @example
   * ```ts
   * const here = trackit.presence({ device: "phone", page: "goals" });
   * here.on("change", (others) => console.log(others.map(({ payload }) => payload.device)));
   * ```
   */
  presence<Payload extends JsonObject>(payload: Payload, options?: PresenceOptions): Presence<Payload>;
  /**
   * All own goals and tasks that are not deleted, as text in chunks.
   *
   * @throws AUTH_REQUIRED, NETWORK_ codes while it is read
   * @example
   * ```ts
   * const text = await trackit.export({ format: "csv" }).text();
   * for await (const chunk of trackit.export({ format: "json" })) process.stdout.write(chunk);
   * ```
   */
  export(options: ExportOptions): ExportStream;
  /**
   * Takes over what `export` gave, or a list from elsewhere with the same column names. Rows that cannot be stored
   * are reported with line, reason and content, and cost no other row. Safe to repeat: rows keep their ids.
   *
   * @param data JSON or CSV (RFC 4180; semicolons and tabs are understood), whole or in chunks.
   * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD when it is no such text, before anything is written; AUTH_ and
   * NETWORK_ codes with `details.report` when it was interrupted
   * @example
   * ```ts
   * const { created, failed } = await trackit.import("kind,title,dueAt\\ntask,Buy shoes,2027-01-02T10:00:00Z");
   * for (const { line, message } of failed) console.log(line, message);
   * ```
   */
  import(data: string | AsyncIterable<string>, options?: ImportOptions): Promise<ImportReport>;
  /** The raw client, for everything that has no verb here. */
  supabase: SupabaseClient<Database>;
  /**
   * Stops timers and connections; the session stays where it is kept. A client that the app has made goes on: only what
   * was begun here ends.
   */
  close(): Promise<void>;
}
