import type { StackEnv } from "../env.ts";
import { type StackOptions, startStack } from "../start.ts";
import { readPort, readWords, UsageError } from "./arguments.ts";

const options = {
  port: { type: "string" },
  ephemeral: { type: "boolean" },
  json: { type: "boolean" },
  "no-web": { type: "boolean" },
  "no-seed": { type: "boolean" },
} as const;

/** Starts a stack and stays until it is told to stop. */
export async function start(words: string[]): Promise<number> {
  const { values } = readWords(words, options);
  if (values.ephemeral && values.data)
    throw new UsageError("--ephemeral keeps no data, so --data has no meaning");
  const port = readPort(values.port);
  const began = performance.now();
  const wanted: StackOptions = {
    ephemeral: values.ephemeral === true,
    web: values["no-web"] !== true,
    seed: values["no-seed"] !== true,
    ...(values.project === undefined ? {} : { project: values.project }),
    ...(values.data === undefined ? {} : { data: values.data }),
    ...(port === undefined ? {} : { port }),
  };
  const signal = asked();
  const stack = await startStack(wanted);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    values.json ? `${JSON.stringify(stack.env)}\n` : table(stack.env, stack.migrated, seconds),
  );
  await signal;
  if (!values.json) process.stdout.write("\nstopping …\n");
  await stack.stop();
  const kept = values.ephemeral ? "stopped" : "stopped; the data is kept for the next start";
  if (!values.json) process.stdout.write(`${kept}\n`);
  return 0;
}

/** Resolves at the first request to end; a second Ctrl-C ends at once, and Postgres goes along. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    let before = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (before && signal === "SIGINT") process.exit(130);
        before = true;
        resolve();
      });
    }
  });
}

const rows: [keyof StackEnv, string][] = [
  ["WEB_URL", "Web app"],
  ["API_URL", "API"],
  ["MAILPIT_URL", "Mailbox"],
  ["DB_URL", "Database"],
  ["PUBLISHABLE_KEY", "Publishable key"],
  ["SECRET_KEY", "Secret key"],
];

function table(env: StackEnv, migrated: string[], seconds: string): string {
  const shown = rows.flatMap(([name, title]) => (env[name] ? [[title, env[name]] as const] : []));
  const width = Math.max(...shown.map(([title]) => title.length));
  const lines = shown.map(([title, value]) => `  ${title.padEnd(width)}  ${value}`);
  const news = migrated.length > 0 ? `, ${migrated.length} migrations applied` : "";
  return `\nTrackIt is up (${seconds} s${news})\n\n${lines.join("\n")}\n\nCtrl-C stops it. More keys: npx trackit-stack status\n`;
}
