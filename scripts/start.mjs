// npm start: installs and builds what is missing, then starts the stack in this process.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { install, root } from "./install.mjs";

install();
build();
process.argv.splice(
  1,
  process.argv.length - 1,
  "trackit-stack",
  "start",
  "--project",
  root,
  ...process.argv.slice(2),
);
await import(pathToFileURL(path.join(root, "stack", "dist", "cli.js")).href);
