// Files and links in a terminal: sealed here, stored where nobody can read them, opened by somebody without an account.
// Run `npm start` in one terminal and `npm run file -w @trackit/example-node -- --help` in another.
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { isTrackItError } from "@trackit/sdk";
import { KEYS } from "./account.ts";
import { showAll } from "./fileStory.ts";
import { openLink } from "./openLink.ts";
import { sendFile } from "./sendFile.ts";

const help = `npm run file -w @trackit/example-node            a file, a link to it, and a stranger who opens it
npm run file -w @trackit/example-node -- send PATH [--user ada] [--keys FOLDER]
                              [--password WORD] [--expires 7d] [--downloads 3]
npm run file -w @trackit/example-node -- open LINK [--password WORD] [--to PATH]

send  seals a file, sends it and prints a link; after Ctrl-C the same command goes on where it stopped.
      The keys are in FOLDER (${KEYS}), opened with CHAT_PASSPHRASE or what is asked for.
open  saves what a link leads to, under its own name, and over nothing that is there; nobody needs an account.`;

const options = {
  help: { type: "boolean", short: "h" },
  user: { type: "string", default: "ada" },
  keys: { type: "string", default: KEYS },
  password: { type: "string" },
  expires: { type: "string", default: "7d" },
  downloads: { type: "string" },
  to: { type: "string" },
} as const;

async function ask(question: string): Promise<string> {
  const input = createInterface({ input: stdin, output: stdout });
  const answer = await input.question(question);
  input.close();
  return answer;
}

async function run(): Promise<void> {
  const { positionals, values } = parseArgs({ options, allowPositionals: true });
  const [verb, what] = positionals;
  if (values.help) console.log(help);
  else if (verb === undefined) await showAll();
  else if (verb === "send" && what) await sendFile(what, { ...values, ask });
  else if (verb === "open" && what) await openLink(what, values);
  else throw new Error(`"${positionals.filter(Boolean).join(" ")}" is no whole command\n\n${help}`);
}

run().catch((error: unknown) => {
  const hint = isTrackItError(error) && error.hint ? `\n  ${error.hint}` : "";
  const code = isTrackItError(error) ? `${error.code}: ` : "";
  console.error(`! ${code}${error instanceof Error ? error.message : error}${hint}`);
  process.exitCode = 1;
});
