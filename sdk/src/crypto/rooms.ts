/** A room as one value that rows are applied to, and what is handed from device to device of it. */
export * from "./grant/index.ts";
export * from "./group/index.ts";
export * from "./message/forget.ts";
export * from "./message/item.ts";
export * from "./vault/index.ts";
