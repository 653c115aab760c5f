import { parseArgs } from "node:util";
import { createTrackIt, isTrackItError, type TrackIt } from "@trackit/sdk";
import { fileKeystore, nodeCrypto } from "@trackit/sdk/node";
import { readEnvironment } from "./environment.ts";
import { readCode } from "./mailbox.ts";

type Ask = (question: string) => Promise<string>;

export interface Account {
  trackit: TrackIt;
  close(): Promise<void>;
}

export interface Entered extends Account {
  username: string;
  /** Username of whom to talk with; null for whoever comes. */
  partner: string | null;
}

const PASSWORD = "correct horse 42 staple";
/** Where the keys of users are, unless `--keys` says another place. */
export const KEYS = ".trackit/keys";

/** Who talks with whom, by the words of the command line. */
export async function enter(ask: Ask): Promise<Entered> {
  const { values } = parseArgs({
    options: {
      user: { type: "string" },
      with: { type: "string" },
      keys: { type: "string", default: KEYS },
    },
  });
  const { user, with: partner = null, keys } = values;
  if (!user) throw new Error("who are you? npm run chat -w @trackit/example-node -- --user ada [--with ben]");
  return { ...(await openAccount(user, keys, ask)), username: user, partner };
}

/**
 * Signs up, or in where the account is there already; its keys are in the folder `keys`, opened with CHAT_PASSPHRASE or
 * what is answered to `ask`.
 */
export async function openAccount(user: string, keys: string, ask: Ask): Promise<Account> {
  const { url, key, mailpit } = readEnvironment();
  const passphrase =
    process.env.CHAT_PASSPHRASE ?? (await ask(`passphrase for the keys of ${user}, of 8 letters or more: `));
  const opened = (name: string) => fileKeystore({ path: `${keys}/${user}`, name, passphrase });
  let keystore: Awaited<ReturnType<typeof opened>> | null = null;
  const trackit = createTrackIt({
    url,
    key,
    crypto: nodeCrypto,
    chat: {
      keystore: async (name) => {
        keystore ??= await opened(name);
        return keystore;
      },
    },
  });
  const email = `${user}@example.com`;
  try {
    await trackit.auth.signIn({ email, password: PASSWORD });
  } catch (error) {
    if (!isTrackItError(error, "AUTH_CREDENTIALS")) throw error;
    await trackit.auth.signUp({ email, password: PASSWORD, username: user });
    await trackit.auth.confirm({ email, code: await readCode(mailpit, email) });
  }
  await trackit.devices.me();
  const close = async () => {
    await trackit.close();
    await keystore?.close();
  };
  return { trackit, close };
}
