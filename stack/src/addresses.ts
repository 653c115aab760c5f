import { existsSync } from "node:fs";
import path from "node:path";
import type { ProjectConfig } from "./config/schema.ts";
import type { StackEnv } from "./env.ts";
import type { StackKeys } from "./keys/keys.ts";

/** Where the stack answers; `web` is null where no web app is served. */
export interface Urls {
  api: string;
  mail: string;
  web: string | null;
}

export function urlsAt(ports: { api: number; mail: number; web: number | null }): Urls {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  return { api: at(ports.api), mail: at(ports.mail), web: ports.web === null ? null : at(ports.web) };
}

/** The built web app of a project. */
export const webRoot = (project: string) => path.join(project, "examples", "web", "dist");

export const hasWebApp = (project: string) => existsSync(path.join(webRoot(project), "index.html"));

/**
 * The configuration of Auth for this start. Links in mails lead to the site: where the web app is served on
 * another port than the one in config.toml, that is where they must lead.
 */
export function authConfig(auth: ProjectConfig["auth"], web: string | null): ProjectConfig["auth"] {
  if (web === null || auth.site_url === web) return auth;
  return {
    ...auth,
    site_url: web,
    additional_redirect_urls: [...auth.additional_redirect_urls, `${web}/**`],
  };
}

/** What the stack tells its users, by the names of the CLI. */
export function describeEnv(keys: StackKeys, urls: Urls, databaseUrl: string): StackEnv {
  return {
    API_URL: urls.api,
    DB_URL: databaseUrl,
    PUBLISHABLE_KEY: keys.publishableKey,
    SECRET_KEY: keys.secretKey,
    ANON_KEY: keys.anonKey,
    SERVICE_ROLE_KEY: keys.serviceRoleKey,
    JWT_SECRET: keys.jwtSecret,
    FUNCTIONS_URL: `${urls.api}/functions/v1`,
    MAILPIT_URL: urls.mail,
    INBUCKET_URL: urls.mail,
    ...(urls.web ? { WEB_URL: urls.web } : {}),
  };
}
