import path from "node:path";

/** A path as whoever typed it means it: npm runs a workspace's scripts in the workspace's own folder. */
export function typedPath(given: string): string {
  return path.resolve(process.env.INIT_CWD ?? ".", given);
}

/** The app's page that opens links. */
export function linkPage(): string {
  return `${process.env.WEB_URL ?? "http://127.0.0.1:26480"}/s`;
}
