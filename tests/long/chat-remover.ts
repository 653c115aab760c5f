/**
 * A process that puts somebody out of a room, and says something before and after, on a keystore in a file. It stops before and
 * after every call to the server until it is told to go on: there it can be killed.
 */
import { createInterface } from "node:readline";
import { createTrackIt, type Room } from "../../sdk/src/index.ts";
import { fileKeystore } from "../../sdk/src/store/keys/file/index.ts";

const [file = "", key = "", url = "", apikey = "", email = "", password = "", room, who = "", text = ""] =
  process.argv.slice(2);

const waiting: (() => void)[] = [];
createInterface({ input: process.stdin }).on("line", () => waiting.shift()?.());

async function stop(when: string, name: string): Promise<void> {
  console.log(`at ${when} ${name}`);
  await new Promise<void>((resolve) => waiting.push(resolve));
}

const stepwise: typeof fetch = async (input, init) => {
  const name = /\/rpc\/(\w+)/.exec(input instanceof Request ? input.url : String(input))?.[1];
  if (!name) return fetch(input, init);
  await stop("before", name);
  const answer = await fetch(input, init);
  await stop("after", name);
  return answer;
};

const trackit = createTrackIt({
  url,
  key: apikey,
  fetch: stepwise,
  chat: {
    keystore: (name) => fileKeystore({ path: file, name, key: new Uint8Array(Buffer.from(key, "hex")) }),
  },
});
await trackit.auth.signIn({ email, password });
await trackit.devices.me();
if (room) await removeIn(await trackit.rooms.get(room));
console.log("done");
process.exit(0);

async function removeIn(open: Room): Promise<void> {
  // Somebody has left: the first message takes an epoch along.
  await say(open, `before ${text}`);
  if (open.members.some(({ userId }) => userId === who)) await open.remove(who);
  await say(open, text);
}

/** Once, however often it was begun. */
async function say(open: Room, what: string): Promise<void> {
  const said = (await open.history().toArray()).find((message) => message.text === what);
  if (!said) await open.send(what);
  else if (said.status !== "sent") await open.release(said).catch(sentMeanwhile);
}

/** What a session before this one has left is sent without being asked for. */
function sentMeanwhile(error: unknown): void {
  if ((error as { code?: string }).code !== "ACCESS_NOT_FOUND") throw error;
}
