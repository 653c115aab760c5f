import { open } from "node:fs/promises";
import { createTrackIt } from "../../sdk/src/index.ts";
import { fileSource, fileTarget, nodeCrypto } from "../../sdk/src/node/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Answer, Question } from "./protocol.ts";

/** A process of somebody who sends a file from the disk and saves it there again: what it takes, it takes alone. */
const { TRACKIT_SEAT = "{}" } = process.env;
const { url, key, email, password } = JSON.parse(TRACKIT_SEAT) as Record<string, string>;
const trackit = createTrackIt({
  crypto: nodeCrypto,
  url: url ?? "",
  key: key ?? "",
  chat: { keystore: memoryKeystore("bench") },
});
let fileId = "";

process.on("disconnect", () => process.exit());
process.on("message", async (question: Question) => {
  try {
    tell({ said: await answer(question) });
  } catch (error) {
    tell({ error: String(error) });
  }
});

const tell = (said: Answer): void => void process.send?.(said);

async function answer(question: Question): Promise<string> {
  switch (question.kind) {
    case "enter":
      await trackit.auth.signIn({ email: email ?? "", password: password ?? "" });
      await trackit.devices.me();
      return "";
    case "send": {
      const { id } = await trackit.files.upload(await fileSource(question.file));
      fileId = id;
      return id;
    }
    case "save": {
      await trackit.files.save(fileId, fileTarget(question.file));
      const written = await open(question.file);
      const { size } = await written.stat();
      await written.close();
      return String(size);
    }
    case "link":
      return (await trackit.shares.create(fileId, { page: "https://bench.example/s" })).link ?? "";
  }
}
