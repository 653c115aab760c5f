// The whole story against a running stack: an account with a confirmed address, a goal, its tasks, a mistake and
// its undo. Run `npm start` in one terminal and `npm run quickstart` in another.
import { createTrackIt, TrackItError } from "@trackit/sdk";
import { readEnvironment } from "./environment.ts";
import { readCode } from "./mailbox.ts";

const { url, key, mailpit } = readEnvironment();
const trackit = createTrackIt({ url, key });

const name = `ada_${Date.now().toString(36)}`;
const email = `${name}@example.com`;
const password = "correct horse 42 staple";

await trackit.auth.signUp({ email, password, username: name, displayName: "Ada" });
console.log(`signed up as ${name}; a mail is on its way to ${email}`);

const code = await readCode(mailpit, email);
await trackit.auth.confirm({ email, code });
console.log(`confirmed with the code ${code} from the mail`);

await trackit.auth.signOut();
await trackit.auth.signIn({ email, password, remember: "never" });
console.log(`signed in: ${(await trackit.profiles.me()).displayName}`);

const dueAt = new Date(Date.now() + 90 * 24 * 3600 * 1000);
const goal = await trackit.goals.create({
  title: "Run a marathon",
  dueAt,
  custom: { colour: "teal", distance: { km: 42.195 } },
  tasks: [
    { title: "Buy shoes", tags: ["shopping"], priority: 2 },
    { title: "Run 5 km" },
    { title: "Run 10 km" },
  ],
});
console.log(`created “${goal.title}” with ${goal.tasks.length} tasks in one call`);

const [shoes] = goal.tasks;
if (!shoes) throw new Error("the goal came back without its tasks");
await trackit.tasks.setStatus(shoes.id, "done");
const { progress } = await trackit.goals.get(goal.id);
console.log(`“${shoes.title}” is done; the goal is at ${Math.round(progress * 100)} %`);

for await (const task of trackit.tasks.list({ goalId: goal.id, status: "todo", search: "run" }))
  console.log(`  still to do: ${task.title}`);

try {
  await trackit.goals.create({ title: "run a MARATHON " });
} catch (error) {
  if (!(error instanceof TrackItError)) throw error;
  console.log(`a second goal of that name is refused: ${error.code}`);
}

await trackit.goals.remove(goal.id);
const restored = await trackit.goals.restore(goal.id);
console.log(`deleted and restored “${restored.title}”, version ${restored.version}`);

for await (const activity of trackit.activities.list())
  console.log(`  ${activity.createdAt.slice(11, 19)} ${activity.kind}`);

await trackit.auth.signOut();
await trackit.close();
console.log("signed out: the quickstart ends well");
