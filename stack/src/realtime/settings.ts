/** `[realtime]` of config.toml, and the limits of the hosted service's free plan, which embedding may raise. */
export interface RealtimeConfig {
  enabled: boolean;
  /** Bytes of a header of the handshake. */
  max_header_length: number;
  max_concurrent_users: number;
  max_channels_per_client: number;
  /** Of one connection. */
  max_joins_per_second: number;
  /** Of the project, as an average over a minute. */
  max_events_per_second: number;
  max_payload_size_in_kb: number;
  max_client_presence_events_per_window: number;
  client_presence_window_ms: number;
  /** Milliseconds without a word from a client after which its connection is given up. */
  silence_ms: number;
  /** Milliseconds after a start for which channels that join are told what a killed stack owed them. */
  backlog_ms: number;
  /** Refuse channels that are not private. */
  private_only: boolean;
}

export const realtimeDefaults: RealtimeConfig = {
  enabled: true,
  max_header_length: 4096,
  max_concurrent_users: 200,
  max_channels_per_client: 100,
  max_joins_per_second: 100,
  max_events_per_second: 100,
  max_payload_size_in_kb: 3000,
  max_client_presence_events_per_window: 5,
  client_presence_window_ms: 30_000,
  silence_ms: 60_000,
  backlog_ms: 30_000,
  private_only: false,
};
