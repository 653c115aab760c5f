/** Where the API is, and the publishable key for it. */
export interface AppConfig {
  url: string;
  key: string;
}

/**
 * Reads `/config.json`, which whoever serves the app writes; under `vite dev` the variables VITE_SUPABASE_URL and
 * VITE_SUPABASE_KEY stand in for it.
 * @throws when neither names both values
 */
export async function loadConfig(): Promise<AppConfig> {
  const { VITE_SUPABASE_URL: url, VITE_SUPABASE_KEY: key } = import.meta.env;
  if (import.meta.env.DEV && isText(url) && isText(key)) return { url, key };
  const response = await fetch("/config.json", { cache: "no-store" });
  const config: unknown = response.ok ? await response.json() : null;
  if (typeof config === "object" && config && "url" in config && "key" in config) {
    const { url, key } = config;
    if (isText(url) && isText(key)) return { url, key };
  }
  throw new Error(
    'config.json is missing or incomplete: want {"url": "https://…", "key": "sb_publishable_…"}',
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
