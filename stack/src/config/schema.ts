import type { AuthConfig } from "../auth/settings.ts";
import type { EdgeRuntimeConfig, FunctionConfig } from "../functions/types.ts";
import { type RealtimeConfig, realtimeDefaults } from "../realtime/settings.ts";
import { type StorageConfig, storageDefaults } from "../storage/settings.ts";

/** What the stack reads of `config.toml`; keys and defaults are the CLI's own. */
export interface ProjectConfig {
  project_id: string;
  api: {
    port: number;
    schemas: string[];
    extra_search_path: string[];
    max_rows: number;
  };
  db: {
    port: number;
    migrations: { enabled: boolean };
    seed: { enabled: boolean; sql_paths: string[] };
  };
  studio: { enabled: boolean; port: number };
  local_smtp: { enabled: boolean; port: number; smtp_port: number };
  auth: AuthConfig & { enabled: boolean };
  edge_runtime: EdgeRuntimeConfig;
  realtime: RealtimeConfig;
  storage: StorageConfig;
  functions: Record<string, FunctionConfig>;
}

export const defaults: ProjectConfig = {
  project_id: "project",
  api: { port: 54321, schemas: ["public"], extra_search_path: ["public", "extensions"], max_rows: 1000 },
  db: {
    port: 54322,
    migrations: { enabled: true },
    seed: { enabled: true, sql_paths: ["./seed.sql"] },
  },
  studio: { enabled: true, port: 54323 },
  local_smtp: { enabled: true, port: 54324, smtp_port: 54325 },
  edge_runtime: { enabled: true },
  realtime: realtimeDefaults,
  storage: storageDefaults,
  functions: {},
  auth: {
    enabled: true,
    site_url: "http://127.0.0.1:3000",
    additional_redirect_urls: [],
    jwt_expiry: 3600,
    enable_signup: true,
    enable_anonymous_sign_ins: false,
    enable_refresh_token_rotation: true,
    refresh_token_reuse_interval: 10,
    minimum_password_length: 6,
    password_requirements: "",
    rate_limit: {},
    email: {
      enable_signup: true,
      double_confirm_changes: true,
      enable_confirmations: false,
      secure_password_change: false,
      max_frequency: "1s",
      otp_length: 6,
      otp_expiry: 3600,
    },
  },
};
