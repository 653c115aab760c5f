#!/usr/bin/env node
import { runCommand } from "./command/run.ts";

// Whoever read the output may have gone, as in `trackit-stack start --json | head -1`; the stack goes on.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await runCommand(process.argv.slice(2));
