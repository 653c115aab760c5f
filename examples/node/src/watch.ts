// Two devices of one account: what one does, the other is told. Run `npm start` in one terminal and
// `npm run watch -w @trackit/example-node` in another.
import { type Change, createTrackIt, type Task } from "@trackit/sdk";
import { readEnvironment } from "./environment.ts";
import { readCode } from "./mailbox.ts";

const { url, key, mailpit } = readEnvironment();
const phone = createTrackIt({ url, key, remember: "never" });
const laptop = createTrackIt({ url, key, remember: "never" });

const name = `ada_${Date.now().toString(36)}`;
const email = `${name}@example.com`;
const password = "correct horse 42 staple";
await phone.auth.signUp({ email, password, username: name });
await phone.auth.confirm({ email, code: await readCode(mailpit, email) });
await laptop.auth.signIn({ email, password });

/** What the laptop shows: the snapshot, and every change of it. */
const rows = new Map<string, Task>();

function show(change: Change<Task>): void {
  if (change.kind === "snapshot") {
    rows.clear();
    for (const row of change.rows) rows.set(row.id, row);
  } else if (change.kind === "removed") rows.delete(change.id);
  else rows.set(change.row.id, change.row);
  const titles = [...rows.values()].map(({ title }) => title).join(", ");
  console.log(`laptop: ${change.kind}; to do: ${titles || "nothing"}`);
  if (change.kind === "removed") finished();
}

let finished = (): void => {};
const done = new Promise<void>((resolve) => {
  finished = resolve;
});

laptop.connection.on("change", (state) => console.log(`laptop: ${state}`));
const stop = laptop.tasks.watch({ status: "todo" }, show);
await stop.ready;

const here = laptop.presence({ device: "laptop" });
await here.ready;
const others = phone.presence({ device: "phone" });
others.on("change", (present) => console.log(`phone: sees ${present.map(({ payload }) => payload.device)}`));

const shoes = await phone.tasks.create({ title: "Buy shoes" });
await phone.tasks.update(shoes.id, { title: "Buy running shoes" });
await phone.tasks.setStatus(shoes.id, "done");
await done;

stop();
await laptop.close();
await phone.close();
console.log("the example ends well");
