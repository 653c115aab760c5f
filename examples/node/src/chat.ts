// Two terminals talk, and the server between them cannot read it. Run `npm start` in one terminal, then
// `npm run chat -w @trackit/example-node -- --user ada` in a second and `-- --user ben --with ada` in a third.
// Keys are in one encrypted file for each user, so whoever comes back reads on.
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { setTimeout as wait } from "node:timers/promises";
import { isTrackItError, type Message, type Room } from "@trackit/sdk";
import { enter } from "./account.ts";
import { run } from "./commands.ts";

const input = createInterface({ input: stdin, output: stdout, terminal: stdin.isTTY });
const lines = input[Symbol.asyncIterator]();

const { trackit, close, username, partner } = await enter(async (question) => {
  stdout.write(question);
  return (await lines.next()).value ?? "";
});
trackit.devices.on("alarm", ({ message }) => console.warn(`! ${message}`));

const room = partner ? await roomWith(partner) : await firstRoom();
console.log(`${username} talks with ${room.name ?? "nobody"}; /members, /quit`);
for (const message of (await room.history().toArray({ max: 20 })).reverse()) show(message);
room.on("message", show);
room.on("change", (message) => message.status !== "sent" && show(message));
await room.markRead();

for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  if (line.trim() === "/quit") break;
  try {
    await run(room, line);
  } catch (error) {
    if (!isTrackItError(error)) throw error;
    console.error(`! ${error.code}: ${error.message}`);
  }
}
input.close();
await close();
console.log(`${username} goes`);

/** Somebody has keys as soon as they have run this once; until then there is nothing to encrypt for. */
async function roomWith(who: string): Promise<Room> {
  for (let tries = 0; ; tries++) {
    try {
      return await trackit.rooms.direct(who);
    } catch (error) {
      const isAway = isTrackItError(error, "ACCESS_NOT_FOUND") || isTrackItError(error, "USAGE_REFERENCE");
      if (!isAway) throw error;
      if (tries === 0) console.log(`waiting for ${who}, who has not run this yet`);
      await wait(2000);
    }
  }
}

/** Whoever names nobody waits to be talked to. */
async function firstRoom(): Promise<Room> {
  const found = async (): Promise<Room | null> => {
    for await (const { id, kind } of trackit.rooms.list())
      if (kind === "direct") return trackit.rooms.get(id);
    return null;
  };
  console.log(`waiting for somebody who runs this --with ${username}`);
  return new Promise((resolve, reject) => {
    const look = () => {
      found().then((one) => {
        if (!one) return;
        stop();
        resolve(one);
      }, reject);
    };
    const stop = trackit.rooms.on("change", look);
    look();
  });
}

function show({ at, from, text, status, problem, gap }: Message): void {
  if (status === "pending") return;
  if (gap > 0) console.log(`! ${gap} messages before this one are missing`);
  const said =
    status === "sent" ? text : `[${status}] ${problem ? `${problem.cause} ${problem.next}` : text}`;
  console.log(`${at.slice(11, 19)} ${from.username ?? from.userId}: ${said}`);
}
