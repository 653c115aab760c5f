import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../tests/support/free-port.ts";
import { findProgram } from "../lib/load.ts";

export interface Prosody {
  version: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Prosody with rooms and their archive, as Debian packs it, plain on 127.0.0.1.
 * @param folder of its own, for its accounts and archive
 * @returns null, with a word about it, where it is not installed
 */
export async function startProsody(folder: string, users: readonly string[]): Promise<Prosody | null> {
  const program = findProgram("prosody");
  if (!program) {
    console.log("Prosody is absent, and not measured (Debian: apt-get install prosody)");
    return null;
  }
  const port = await freePort();
  mkdirSync(path.join(folder, "localhost", "accounts"), { recursive: true });
  for (const user of users)
    writeFileSync(
      path.join(folder, "localhost", "accounts", `${user}.dat`),
      'return { ["password"] = "secret"; };',
    );
  const config = path.join(folder, "prosody.cfg.lua");
  writeFileSync(config, settings(folder, port));
  const child = spawn(program, ["--config", config, "-F"], { stdio: ["ignore", "ignore", "inherit"] });
  await answering(port, () => child.exitCode);
  return {
    version: versionOf(),
    port,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const settings = (folder: string, port: number): string => `
run_as_root = true
data_path = ${JSON.stringify(folder)}
pidfile = ${JSON.stringify(path.join(folder, "prosody.pid"))}
log = { warn = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
s2s_ports = {}
modules_enabled = { "roster", "saslauth", "disco" }
modules_disabled = { "s2s", "tls" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
VirtualHost "localhost"
Component "rooms.localhost" "muc"
  modules_enabled = { "muc_mam" }
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_log_by_default = true
`;

// The program has no option that says its version: any makes it start.
function versionOf(): string {
  try {
    const shown = execFileSync("dpkg-query", ["-W", "-f", "$" + "{Version}", "prosody"]).toString();
    return shown.split("-")[0] ?? "";
  } catch {
    return "";
  }
}

async function answering(port: number, ended: () => number | null): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = net.connect(port, "127.0.0.1");
    const isThere = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
    if (ended() !== null || tries > 200) throw new Error(`Prosody does not answer on port ${port}`);
    await wait(50);
  }
}
