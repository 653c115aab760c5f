import { setTimeout as wait } from "node:timers/promises";
import { sit as sitAtProsody } from "./client-prosody.ts";
import { sit as sitWithSdk } from "./client-sdk.ts";
import { sit as sitAtTrackit } from "./client-trackit.ts";
import { type Answer, type Client, now, type Question, type Seat, stampOf, text } from "./protocol.ts";

/** A process of clients: all members of a room but for those in other processes, whichever server they talk to. */
const clients: Client[] = [];
let times: number[] = [];
let told = () => {};
let unheard = 0;
let heardOwn = () => {};
let lastAt = 0;

process.on("disconnect", () => process.exit());
process.on("message", async (question: Question) => {
  try {
    process.send?.(await answer(question));
  } catch (error) {
    const failed: Answer = { at: now(), took: [], error: String(error) };
    process.send?.(failed);
  }
});

async function answer(question: Question): Promise<Answer> {
  switch (question.kind) {
    case "open":
      for (let at = 0; at < question.seats.length; at += 10)
        clients.push(...(await Promise.all(question.seats.slice(at, at + 10).map(open))));
      return { at: now(), took: [] };
    case "room": {
      const rooms = await Promise.all(clients.map((one) => one.enter?.(question.room, question.members)));
      return { at: now(), took: [], room: rooms[0] ?? "" };
    }
    case "say":
      return { at: await say(question), took: [] };
    case "hear":
      return hear(question.count);
  }
}

/** The first of each process is the one who may speak. */
function open(seat: Seat, place: number): Promise<Client> {
  const isSpeaker = clients.length === 0 && place === 0;
  const heard = (said: string) => {
    lastAt = now();
    times.push((lastAt - stampOf(said)) / 1e6);
    if (isSpeaker) {
      unheard -= 1;
      heardOwn();
    }
    told();
  };
  if (seat.kind === "trackit") return sitAtTrackit(seat, heard);
  return seat.kind === "prosody" ? sitAtProsody(seat, heard) : sitWithSdk(seat, heard);
}

async function say({ count, batch, window, perSecond }: Extract<Question, { kind: "say" }>): Promise<number> {
  const [speaker] = clients;
  if (!speaker) throw new Error("nobody sits here");
  const began = now();
  const failures: unknown[] = [];
  unheard = 0;
  for (let said = 0; said < count; ) {
    const size = Math.min(batch, count - said);
    // A speaker who waits by asking again and again would take a core from the server.
    if (perSecond) await wait((began + (said * 1e9) / perSecond - now()) / 1e6);
    else
      while (unheard + size > window && failures.length === 0)
        await new Promise<void>((resolve) => (heardOwn = resolve));
    if (failures.length > 0) throw failures[0];
    unheard += size;
    said += size;
    const failed = (error: unknown) => {
      failures.push(error);
      heardOwn();
    };
    speaker.say(Array.from({ length: size }, text)).catch(failed);
  }
  return began;
}

function hear(count: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(
      () => reject(new Error(`${times.length} of ${count} were heard in a minute`)),
      60_000,
    );
    told = () => {
      if (times.length < count) return;
      clearTimeout(giveUp);
      told = () => {};
      const took = times;
      times = [];
      // A process tells of 20,000 at most.
      const every = Math.ceil(took.length / 20_000);
      resolve({ at: lastAt, took: took.filter((_, at) => at % every === 0) });
    };
    told();
  });
}
