import type { Bytes } from "../bytes/index.ts";

/**
 * The slow hash of a link's password, 32 bytes. Injected where no WebAssembly is to be loaded.
 *
 * @param salt 32 bytes.
 */
export type SlowHash = (password: Bytes, salt: Bytes) => Promise<Bytes>;

/**
 * Argon2id with the second choice of RFC 9106 §4: 64 MiB, three passes, four lanes. The numbers belong to version 1 of
 * the link and come from nowhere else. Takes 0.2 s on a laptop; the library is loaded when it is first asked for.
 */
export const argon2id: SlowHash = async (password, salt) => {
  const { argon2id: hash } = await import("hash-wasm");
  const bytes = await hash({
    password,
    salt,
    iterations: 3,
    memorySize: 65_536,
    parallelism: 4,
    hashLength: 32,
    outputType: "binary",
  });
  return new Uint8Array(bytes);
};
