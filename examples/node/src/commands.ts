import type { Room } from "@trackit/sdk";

/** What somebody typed: a command, or something to say. */
export async function run(room: Room, line: string): Promise<void> {
  if (line.trim() === "") return;
  if (line.trim() !== "/members") {
    const { at, text, from } = await room.send(line);
    console.log(`${at.slice(11, 19)} ${from.username}: ${text}`);
    return;
  }
  for (const { username, userId, role, own } of room.members)
    console.log(`  ${username ?? userId} (${role}${own ? ", you" : ""})`);
}
