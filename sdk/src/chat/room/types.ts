export type * from "./types/message.ts";
export type * from "./types/people.ts";
export type * from "./types/reading.ts";
export type * from "./types/room.ts";
export type * from "./types/talk.ts";
