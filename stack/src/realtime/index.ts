export { createRealtime, type RealtimeOptions, type RealtimePart } from "./realtime.ts";
export { type RealtimeConfig, realtimeDefaults } from "./settings.ts";
