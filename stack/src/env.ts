/** Addresses and keys of a running stack, by the names of `supabase status -o json`. */
export interface StackEnv {
  API_URL: string;
  DB_URL: string;
  PUBLISHABLE_KEY: string;
  SECRET_KEY: string;
  ANON_KEY: string;
  SERVICE_ROLE_KEY: string;
  JWT_SECRET: string;
  FUNCTIONS_URL: string;
  MAILPIT_URL: string;
  /** The mailbox again, by the name that older scripts know. */
  INBUCKET_URL: string;
  /** Only where a web app is served. */
  WEB_URL?: string;
}
