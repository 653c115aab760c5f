#!/usr/bin/env node
// npm links a command when it installs, which in a fresh clone is before the build: so the command is this file,
// and the build is what it loads.
import { existsSync } from "node:fs";

const built = new URL("../dist/cli.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  console.error("trackit-stack is not built yet: run npm run build at the root of the repository");
  process.exitCode = 1;
}
