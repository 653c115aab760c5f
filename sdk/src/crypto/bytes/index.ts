export { ascii, type Bytes, concat, equal, fromUtf8, join, utf8 } from "./bytes.ts";
export { misuse, openFailed, opening } from "./failed.ts";
export { pad, padme, unpad } from "./padding.ts";
export { Reader } from "./reader.ts";
export { release } from "./release.ts";
export { fromBase32, fromBase64url, fromHex, toBase32, toBase64url, toHex } from "./text.ts";
export { Writer } from "./writer.ts";
