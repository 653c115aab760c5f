/** How devices and people come in and come back: approval, invites by link, recovery, safety numbers. */
export * from "./approval/index.ts";
export * from "./invite/index.ts";
export * from "./recovery/index.ts";
export * from "./safety/index.ts";
