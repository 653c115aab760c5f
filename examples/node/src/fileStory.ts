import { createTrackIt } from "@trackit/sdk";
import { readEnvironment } from "./environment.ts";
import { readCode } from "./mailbox.ts";
import { linkPage } from "./places.ts";
import { progress } from "./progress.ts";

/** All of it at once: somebody who sends, a link that opens once, a stranger, and what was recorded. */
export async function showAll(): Promise<void> {
  const { url, key, mailpit } = readEnvironment();
  const trackit = createTrackIt({ url, key });
  const name = `ada_${Date.now().toString(36)}`;
  const email = `${name}@example.com`;
  await trackit.auth.signUp({ email, password: "correct horse 42 staple", username: name });
  await trackit.auth.confirm({ email, code: await readCode(mailpit, email) });

  const source = new Blob(["two eggs, a cup of flour"], { type: "text/plain" });
  const file = await trackit.files.upload(source, { name: "pancakes.txt", onProgress: progress("sent") });
  const share = await trackit.shares.create(file, { expiresIn: "1h", maxDownloads: 1, page: linkPage() });
  const link = share.link ?? "";
  console.log(`${file.name}, version ${file.contentVersion}: ${link}`);

  const stranger = createTrackIt({ url, key, remember: "never" });
  const opened = await stranger.shares.open(link);
  console.log(`a stranger reads ${opened.name}: ${await (await opened.download()).text()}`);
  await stranger.shares.open(link).catch((error) => console.log(`and once more: ${error.code}`));
  const events = await trackit.shares.events({ fileId: file.id }).toArray();
  for (const { kind, at } of events.reverse()) console.log(`${at}  ${kind}`);

  await stranger.close();
  await trackit.close();
}
