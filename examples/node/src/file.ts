// A file and a link to it: sealed here, stored where nobody can read it, opened by somebody without an account. Run
// `npm start` in one terminal and `npm run file -w @trackit/example-node [-- PATH]` in another.
import { createTrackIt } from "@trackit/sdk";
import { fileSource, fileTarget } from "@trackit/sdk/node";
import { readEnvironment } from "./environment.ts";
import { readCode } from "./mailbox.ts";

const { url, key, mailpit } = readEnvironment();
const trackit = createTrackIt({ url, key });
const name = `ada_${Date.now().toString(36)}`;
const email = `${name}@example.com`;
await trackit.auth.signUp({ email, password: "correct horse 42 staple", username: name });
await trackit.auth.confirm({ email, code: await readCode(mailpit, email) });

const path = process.argv[2];
const source = path ? await fileSource(path) : new Blob(["two eggs, a cup of flour"]);
const file = await trackit.files.upload(source, {
  ...(path ? {} : { name: "pancakes.txt", type: "text/plain" }),
  onProgress: ({ done, total }) => console.log(`sent ${done} of ${total} bytes`),
});
const share = await trackit.shares.create(file, {
  expiresIn: "1h",
  maxDownloads: 1,
  page: process.env.WEB_URL ? `${process.env.WEB_URL}/s` : "http://127.0.0.1:26480/s",
});
console.log(`${file.name}, version ${file.contentVersion}: ${share.link}`);

const stranger = createTrackIt({ url, key, remember: "never" });
const opened = await stranger.shares.open(share.link ?? "");
await opened.save(fileTarget(`copy of ${opened.name}`));
console.log(`a stranger has saved "copy of ${opened.name}", ${opened.size} bytes`);
await stranger.shares.open(share.link ?? "").catch((error) => console.log(`again: ${error.code}`));
for (const { kind, at } of (await trackit.shares.events({ fileId: file.id }).toArray()).reverse())
  console.log(`${at}  ${kind}`);

await stranger.close();
await trackit.close();
