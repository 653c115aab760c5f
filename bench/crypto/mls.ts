import type { Messenger } from "./messages.ts";
import { peer, seconds } from "./peers.ts";

type State = { readonly ratchetTree: unknown };
type Suite = { readonly hash: unknown };
interface KeyPackage {
  publicPackage: unknown;
  privatePackage: unknown;
}
interface TsMls {
  getCiphersuiteFromName(name: string): unknown;
  getCiphersuiteImpl(suite: unknown): Promise<Suite>;
  defaultCapabilities(): unknown;
  defaultLifetime: unknown;
  emptyPskIndex: unknown;
  generateKeyPackage(
    who: unknown,
    can: unknown,
    life: unknown,
    extensions: unknown[],
    suite: Suite,
  ): Promise<KeyPackage>;
  createGroup(
    id: Uint8Array,
    own: unknown,
    secret: unknown,
    extensions: unknown[],
    suite: Suite,
  ): Promise<State>;
  createCommit(
    context: { state: State; cipherSuite: Suite },
    options: { extraProposals: unknown[] },
  ): Promise<{ newState: State; welcome: unknown }>;
  joinGroup(
    welcome: unknown,
    own: unknown,
    secret: unknown,
    psks: unknown,
    suite: Suite,
    tree: unknown,
  ): Promise<State>;
  createApplicationMessage(
    state: State,
    text: Uint8Array,
    suite: Suite,
  ): Promise<{ newState: State; privateMessage: unknown }>;
  processPrivateMessage(
    state: State,
    message: unknown,
    psks: unknown,
    suite: Suite,
  ): Promise<{ newState: State }>;
}

/** MLS (RFC 9420) by ts-mls: ten members, one sends, one opens. */
export async function mls(): Promise<Messenger | null> {
  const lib = await peer<TsMls>("ts-mls");
  if (!lib) return null;
  const suite = await lib.getCiphersuiteImpl(
    lib.getCiphersuiteFromName("MLS_128_DHKEMP256_AES128GCM_SHA256_P256"),
  );
  const someone = (name: string) => {
    const credential = { credentialType: "basic", identity: new TextEncoder().encode(name) };
    return lib.generateKeyPackage(credential, lib.defaultCapabilities(), lib.defaultLifetime, [], suite);
  };
  const ada = await someone("ada");
  const others = await Promise.all(Array.from({ length: 9 }, (_, at) => someone(`ben${at}`)));
  const id = new TextEncoder().encode("room");
  const alone = await lib.createGroup(id, ada.publicPackage, ada.privatePackage, [], suite);
  const extraProposals = others.map((one) => ({
    proposalType: "add",
    add: { keyPackage: one.publicPackage },
  }));
  const { newState, welcome } = await lib.createCommit(
    { state: alone, cipherSuite: suite },
    { extraProposals },
  );
  const [ben] = others as [KeyPackage];
  const joined = await lib.joinGroup(
    welcome,
    ben.publicPackage,
    ben.privatePackage,
    lib.emptyPskIndex,
    suite,
    newState.ratchetTree,
  );
  let [sender, receiver] = [newState, joined];
  const run = (texts: readonly Uint8Array[]) =>
    seconds(async () => {
      const sent: unknown[] = [];
      for (const text of texts) {
        const made = await lib.createApplicationMessage(sender, text, suite);
        sender = made.newState;
        sent.push(made.privateMessage);
      }
      for (const one of sent) {
        receiver = (await lib.processPrivateMessage(receiver, one, lib.emptyPskIndex, suite)).newState;
      }
    });
  return { name: "ts-mls 1.6.4", count: 500, run };
}
