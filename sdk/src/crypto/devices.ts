/** How devices and people come in and come back: approval, invites by link, recovery, safety numbers. */
export * as approval from "./approval/index.ts";
export * as invite from "./invite/index.ts";
export * as recovery from "./recovery/index.ts";
export * as safety from "./safety/index.ts";
