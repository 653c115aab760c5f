import type { ProjectConfig } from "./config/schema.ts";
import { claimPort } from "./process/ports.ts";

/** The ports of one stack, each probed and free at the time of asking. */
export interface Ports {
  api: number;
  db: number;
  mail: number;
  smtp: number;
  web: number;
}

const names: Record<keyof Ports, string> = {
  api: "the API",
  db: "Postgres",
  mail: "the mailbox",
  smtp: "SMTP",
  web: "the web app",
};

/**
 * Chooses the ports: those of config.toml, or from `first` on in a row, or free ones where `first` is 0.
 * @throws PortTakenError naming the first that is held
 */
export async function choosePorts(config: ProjectConfig, first?: number): Promise<Ports> {
  const wanted = first === undefined ? configured(config) : inARow(first);
  const ports = { ...wanted };
  for (const name of Object.keys(names) as (keyof Ports)[])
    ports[name] = await claimPort(wanted[name], names[name]);
  return ports;
}

function inARow(first: number): Ports {
  if (first === 0) return { api: 0, db: 0, mail: 0, smtp: 0, web: 0 };
  return { api: first, db: first + 1, mail: first + 2, smtp: first + 3, web: first + 4 };
}

function configured(config: ProjectConfig): Ports {
  return {
    api: config.api.port,
    db: config.db.port,
    mail: config.local_smtp.port,
    smtp: config.local_smtp.smtp_port,
    // The web app stands where mail links lead.
    web: Number(new URL(config.auth.site_url).port) || 3000,
  };
}
