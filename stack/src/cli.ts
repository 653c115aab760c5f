#!/usr/bin/env node
import { runCommand } from "./command/run.ts";

// Whoever read the output may have gone, as in `trackit-stack start --json | head -1`; the stack goes on.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// What a connection's address leaves open, the Postgres client takes from these; they are about other servers.
for (const name of Object.keys(process.env)) if (/^PG[A-Z]+$/.test(name)) delete process.env[name];

process.exitCode = await runCommand(process.argv.slice(2));
