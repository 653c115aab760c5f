import type { ProjectConfig } from "./config/schema.ts";
import { portError, type Reservation, reservePort } from "./process/port.ts";

const titles = {
  api: "the API",
  db: "Postgres",
  mail: "the mailbox",
  smtp: "SMTP",
  web: "the web app",
} as const;
export type PortName = keyof typeof titles;

/** The ports of one stack; each is kept from others until its part opens it. */
export interface Ports {
  of(name: PortName): number;
  /**
   * Lets a part open its port.
   * @throws PortTakenError when somebody took it in the moment between
   */
  open<T>(name: PortName, part: (port: number) => Promise<T>): Promise<T>;
  /** Lets go of all that no part has opened. */
  release(): Promise<void>;
}

/**
 * Chooses the ports: those of config.toml, or from `first` on in a row, or free ones where `first` is 0.
 * @param names what is going to be opened
 * @throws PortTakenError naming the first that is held; none is kept then
 */
export async function choosePorts(
  config: ProjectConfig,
  names: readonly PortName[],
  first?: number,
): Promise<Ports> {
  const wanted = first === undefined ? configured(config, names) : inARow(first);
  const kept = new Map<PortName, Reservation>();
  try {
    for (const name of names) kept.set(name, await reservePort(wanted[name], titles[name]));
  } catch (error) {
    await releaseAll(kept);
    throw error;
  }
  return describe(kept);
}

function describe(kept: Map<PortName, Reservation>): Ports {
  const of = (name: PortName) => {
    const port = kept.get(name)?.port;
    if (port === undefined) throw new Error(`no port was chosen for ${titles[name]}`);
    return port;
  };
  return {
    of,
    async open(name, part) {
      const port = of(name);
      await kept.get(name)?.release();
      return part(port).catch((error: unknown) => {
        throw portError(error, port, titles[name]);
      });
    },
    release: () => releaseAll(kept),
  };
}

async function releaseAll(kept: Map<PortName, Reservation>): Promise<void> {
  for (const { release } of kept.values()) await release();
}

function inARow(first: number): Record<PortName, number> {
  if (first === 0) return { api: 0, db: 0, mail: 0, smtp: 0, web: 0 };
  return { api: first, db: first + 1, mail: first + 2, smtp: first + 3, web: first + 4 };
}

function configured(config: ProjectConfig, names: readonly PortName[]): Record<PortName, number> {
  const ports = {
    api: config.api.port,
    db: config.db.port,
    mail: config.local_smtp.port,
    smtp: config.local_smtp.smtp_port,
    // The web app stands where mail links lead.
    web: Number(new URL(config.auth.site_url).port) || 3000,
  };
  for (const [at, name] of names.entries()) {
    const twin = names.slice(0, at).find((other) => ports[other] === ports[name]);
    if (twin)
      throw new Error(
        `config.toml gives port ${ports[name]} to ${titles[twin]} and to ${titles[name]}, want one each`,
      );
  }
  return ports;
}
