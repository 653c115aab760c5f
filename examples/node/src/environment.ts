import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";

/** Where the examples find their backend. */
export interface Environment {
  url: string;
  key: string;
  mailpit: string;
}

/**
 * Addresses from SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY and MAILPIT_URL, or from the stack that `npm start` runs.
 * @throws Error when neither is there
 */
export function readEnvironment(): Environment {
  const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, MAILPIT_URL } = process.env;
  if (SUPABASE_URL && SUPABASE_PUBLISHABLE_KEY && MAILPIT_URL)
    return { url: SUPABASE_URL, key: SUPABASE_PUBLISHABLE_KEY, mailpit: MAILPIT_URL };
  const running = runningStack();
  return { url: running.API_URL, key: running.PUBLISHABLE_KEY, mailpit: running.MAILPIT_URL };
}

function runningStack(): { API_URL: string; PUBLISHABLE_KEY: string; MAILPIT_URL: string } {
  const home = path.dirname(createRequire(import.meta.url).resolve("@trackit/stack/package.json"));
  const project = path.resolve(home, "..");
  try {
    const words = [path.join(home, "dist", "cli.js"), "status", "--json", "--project", project];
    return JSON.parse(
      execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  } catch (cause) {
    throw new Error("no stack is running: run npm start in another terminal, then this again", { cause });
  }
}
