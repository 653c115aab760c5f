import { detail, info, list } from "./json.ts";
import type { Mailbox } from "./mailbox.ts";
import type { MailMessage } from "./message.ts";
import { failure, json, type Reply, type Route, text } from "./reply.ts";
import { compileSearch } from "./search.ts";
import { attachmentReply, htmlView, textView } from "./view.ts";

/** Mailpit's JSON API, as far as mail clients of tests use it. @see https://mailpit.axllent.org/docs/api-v1/ */
export function apiRoutes(mailbox: Mailbox): Route[] {
  const opened =
    (reply: (message: MailMessage, rest: string) => Reply | Promise<Reply>): Route["handle"] =>
    async ({ parts: [id = "", rest = ""], url }) => {
      const message = pick(mailbox, id, url.searchParams.get("query"));
      return message
        ? reply(message, rest)
        : failure(404, `message ${id} is not here: ask for one in the list`);
    };
  return [
    { method: "GET", path: /^\/(?:livez|readyz)$/, handle: () => text("ok") },
    { method: "GET", path: /^\/api\/v1\/info$/, handle: () => json(info(mailbox)) },
    { method: "GET", path: /^\/api\/v1\/messages$/, handle: ({ url }) => page(mailbox, url) },
    { method: "PUT", path: /^\/api\/v1\/messages$/, handle: ({ body }) => setRead(mailbox, body) },
    { method: "DELETE", path: /^\/api\/v1\/messages$/, handle: ({ body }) => removeSome(mailbox, body) },
    { method: "GET", path: /^\/api\/v1\/search$/, handle: ({ url }) => page(mailbox, url, true) },
    { method: "DELETE", path: /^\/api\/v1\/search$/, handle: ({ url }) => removeFound(mailbox, url) },
    {
      method: "GET",
      path: /^\/api\/v1\/message\/([^/]+)$/,
      handle: opened(async (message) => {
        await mailbox.setRead([message], true);
        return json(detail(message));
      }),
    },
    {
      method: "GET",
      path: /^\/api\/v1\/message\/([^/]+)\/headers$/,
      handle: opened((message) => json(message.headers)),
    },
    {
      method: "GET",
      path: /^\/api\/v1\/message\/([^/]+)\/raw$/,
      handle: opened((message) => text(message.raw)),
    },
    { method: "GET", path: /^\/api\/v1\/message\/([^/]+)\/part\/(\d+)$/, handle: opened(attachmentReply) },
    { method: "GET", path: /^\/view\/([^/]+)\.html$/, handle: opened(htmlView) },
    { method: "GET", path: /^\/view\/([^/]+)\.txt$/, handle: opened(textView) },
  ];
}

/** `latest` is the newest message, or the newest that matches `query`. */
function pick(mailbox: Mailbox, id: string, query: string | null): MailMessage | undefined {
  if (id !== "latest") return mailbox.find(id);
  return query ? mailbox.messages.find(compileSearch(query)) : mailbox.messages[0];
}

function page(mailbox: Mailbox, url: URL, needsQuery = false): Reply {
  const query = url.searchParams.get("query")?.trim() ?? "";
  if (needsQuery && query === "") return failure(400, "search needs a query: ?query=to:ada@example.org");
  const start = bounded(url.searchParams.get("start"), 0, Number.MAX_SAFE_INTEGER);
  const limit = bounded(url.searchParams.get("limit"), 50, 500);
  const matching = needsQuery ? mailbox.messages.filter(compileSearch(query)) : mailbox.messages;
  return json(list(mailbox, matching, start, limit));
}

async function setRead(mailbox: Mailbox, body: unknown): Promise<Reply> {
  const { Read, IDs, Search } = fields(body);
  if (typeof Read !== "boolean") return failure(400, `Read is ${JSON.stringify(Read)}: want true or false`);
  const ids = idList(IDs);
  if (ids.size > 0 && typeof Search === "string")
    return failure(400, "IDs and Search are both given: want one");
  await mailbox.setRead(select(mailbox, ids, Search), Read);
  return text("ok");
}

async function removeSome(mailbox: Mailbox, body: unknown): Promise<Reply> {
  await mailbox.remove(select(mailbox, idList(fields(body).IDs), undefined));
  return text("ok");
}

async function removeFound(mailbox: Mailbox, url: URL): Promise<Reply> {
  const query = url.searchParams.get("query")?.trim() ?? "";
  if (query === "") return failure(400, "delete by search needs a query: ?query=to:ada@example.org");
  await mailbox.remove(mailbox.messages.filter(compileSearch(query)));
  return text("ok");
}

/** The messages of `ids`, or of a search, or all. */
function select(mailbox: Mailbox, ids: Set<string>, search: unknown): MailMessage[] {
  if (ids.size > 0) return mailbox.messages.filter((message) => ids.has(message.id));
  return mailbox.messages.filter(typeof search === "string" ? compileSearch(search) : () => true);
}

function fields(body: unknown): Record<string, unknown> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}

function idList(value: unknown): Set<string> {
  return new Set(Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
}

function bounded(value: string | null, otherwise: number, most: number): number {
  const number = Number.parseInt(value ?? "", 10);
  return Number.isNaN(number) || number < 0 ? otherwise : Math.min(number, most);
}
