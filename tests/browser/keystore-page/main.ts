import { openKeystore } from "@trackit/sdk/keystore";
import { contract, type Kit } from "../../story/keystore-contract.ts";

declare global {
  interface Window {
    openKeystore: typeof openKeystore;
    /** Runs one case of the contract here; what was wrong, or null. */
    tryKeystore(name: string, options: { seed: number; inWorker: boolean }): Promise<string | null>;
  }
}

let tests = 0;

window.openKeystore = openKeystore;

window.tryKeystore = async (name, { seed, inWorker }) => {
  tests += 1;
  const test = `${inWorker}-${tests}`;
  const place = inWorker ? "worker" : "page";
  const open = async (user: string) => {
    const keystore = await openKeystore(`${test}:${user}`, inWorker ? {} : { worker: null });
    if (keystore.place !== place) throw new Error(`it is in the ${keystore.place}, wanted the ${place}`);
    return keystore;
  };
  const kit: Kit = {
    open,
    reopen: async (user, keystore) => {
      await keystore.close();
      return open(user);
    },
    seed,
  };
  const [, run] = contract.find(([one]) => one === name) ?? [];
  if (!run) return `no case ${name}`;
  return run(kit).then(
    () => null,
    (error: unknown) => String(error),
  );
};
