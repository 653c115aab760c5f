import type { Bytes } from "../../../sdk/src/crypto/bytes/index.ts";
import { makeDevice } from "../../../sdk/src/store/keys/device.ts";
import { keystoreOn } from "../../../sdk/src/store/keys/engine.ts";
import { memoryShelf } from "../../../sdk/src/store/keys/memory.ts";
import type { Device } from "../../../sdk/src/store/keys/shelf.ts";
import type { Keystore } from "../../../sdk/src/store/keys/types.ts";
import type { Marker } from "./markers.ts";

/** A keystore whose private keys a test may know, which no other's can be. */
export function knownKeystore(name: string): { keystore: Keystore; secrets(): Promise<Marker[]> } {
  const origin = memoryShelf();
  let device: Promise<Device> | null = null;
  const shelf = {
    ...origin,
    device: async () => device,
    makeDevice: () => {
      device ??= makeDevice(true);
      return device;
    },
  };
  const keystore = keystoreOn(shelf, name, "memory");
  return {
    keystore,
    async secrets() {
      if (!device) throw new Error(`the keys of ${name}: none were made; wanted some`);
      const { sign, wrap } = await device;
      const [point, primes] = await Promise.all([
        crypto.subtle.exportKey("jwk", sign),
        crypto.subtle.exportKey("jwk", wrap),
      ]);
      const part = (text = ""): Bytes => new Uint8Array(Buffer.from(text, "base64url")).slice(0, 32);
      const ids = await keystore.secrets("");
      const epochs = await keystore.withSecrets(ids, (all) =>
        all.flatMap((secret, at) =>
          secret ? [{ name: `${name}: epoch ${at}`, value: secret.slice() }] : [],
        ),
      );
      return [
        { name: `${name}: signing key`, value: part(point.d) },
        { name: `${name}: wrap key, d`, value: part(primes.d) },
        { name: `${name}: wrap key, p`, value: part(primes.p) },
        ...epochs,
      ];
    },
  };
}
