import { readCatalog } from "../../stack/src/rest/database/catalog.ts";
import { clientConfig, socketConfig } from "../../stack/src/rest/database/client-config.ts";
import type { Statement } from "../../stack/src/rest/database/exchange.ts";
import { createPool } from "../../stack/src/rest/database/pool.ts";
import { planFor } from "../../stack/src/rest/direct/index.ts";
import { readRequest } from "../../stack/src/rest/direct/request.ts";
import { searchPath, settingsSql, settingsValues } from "../../stack/src/rest/settings.ts";
import { connections, type LoadRequest, seconds } from "./load.ts";
import type { Person } from "./people.ts";
import { round } from "./result.ts";
import type { BenchStack } from "./stack.ts";

/**
 * The same SQL with the same role and claims set, straight over the driver: what Postgres and the driver give
 * when there is no HTTP. As many at once as the load has connections, on as many database connections as REST has.
 * @param requests what is sent over HTTP, one per person
 */
export async function loadBare(
  stack: BenchStack,
  requests: readonly LoadRequest[],
  people: readonly Person[],
): Promise<number> {
  const catalog = await readCatalog(stack.adminUrl, ["public"]);
  const jobs = requests.map((request, place): Statement[] => {
    const person = people[place % people.length];
    const [path = "", query = ""] = request.path.replace("/rest/v1", "").split("?");
    const headers = request.headers;
    const read = readRequest(request.method, path, query, headers, ["public"]);
    const plan = read && planFor(read, catalog, request.body ?? "", 1000);
    if (!plan || !person) throw new Error(`${request.method} ${request.path} has no SQL of its own`);
    const claims = JSON.parse(
      Buffer.from(person.token.split(".")[1] ?? "", "base64url").toString(),
    ) as Record<string, unknown>;
    const values = settingsValues({
      method: request.method,
      path,
      headers,
      caller: { role: "authenticated", claims, token: person.token },
      schema: "public",
      searchPath: searchPath("public", ["public", "extensions"]),
      readOnly: request.method === "GET",
      singular: false,
      timeout: "8s",
    });
    return [
      { name: "settings", text: settingsSql, values },
      { name: "measured", text: plan.text, values: plan.values },
    ];
  });
  const tcp = clientConfig(stack.authenticatorUrl);
  const client = socketConfig(tcp, catalog.socketFolders) ?? tcp;
  const pool = createPool({ client, size: 8, idleSeconds: 5 });
  const start = performance.now();
  let done = 0;
  const worker = async (first: number) => {
    for (let turn = first; performance.now() - start < seconds * 1000; turn++) {
      await pool.run(jobs[turn % jobs.length] ?? []);
      done++;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, place) => worker(place)));
  const perSecond = round((done / (performance.now() - start)) * 1000);
  await pool.close();
  return perSecond;
}
