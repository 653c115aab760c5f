import type { Handler } from "../context.ts";
import { invalid } from "../errors.ts";
import { json } from "../http.ts";
import { requireAdmin } from "../session.ts";
import { userJson, usersJson } from "../store/user-json.ts";
import type { UserRow } from "../store/users.ts";
import { userOf } from "./params.ts";

const PER_PAGE = 50;
const MOST_PER_PAGE = 1000;

function pageNumber(value: string | null, name: string, fallback: number): number {
  if (value === null || value === "") return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw invalid(`Bad Pagination Parameters: ${name} is ${value}`);
  return number;
}

/** The links that auth-js reads the next and last page from: it takes the first digits after the first "=". */
function linkHeader(page: number, last: number, perPage: number): string {
  const link = (to: number, rel: string): string =>
    `</admin/users?page=${to}&per_page=${perPage}>; rel="${rel}"`;
  return [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")].join(", ");
}

/** GET /admin/users: newest first, by page. */
export const listUsers: Handler = async (auth, call) => {
  requireAdmin(call);
  const page = pageNumber(call.url.searchParams.get("page"), "page", 1);
  const perPage = Math.min(
    pageNumber(call.url.searchParams.get("per_page"), "per_page", PER_PAGE),
    MOST_PER_PAGE,
  );
  const filter = call.url.searchParams.get("filter") ?? "";
  const pattern = `%${filter.replace(/[\\%_]/g, "\\$&")}%`;
  const rows = await auth.sql<UserRow[]>`
    select * from auth.users
    where ${filter} = '' or email ilike ${pattern} or raw_user_meta_data ->> 'full_name' ilike ${pattern}
    order by created_at desc, id limit ${perPage} offset ${(page - 1) * perPage}`;
  const [count] = await auth.sql<{ total: string }[]>`
    select count(*) as total from auth.users
    where ${filter} = '' or email ilike ${pattern} or raw_user_meta_data ->> 'full_name' ilike ${pattern}`;
  const total = Number(count?.total ?? 0);
  const last = Math.max(1, Math.ceil(total / perPage));
  return json({ users: await usersJson(auth.sql, rows), aud: "authenticated" }, 200, {
    "x-total-count": String(total),
    link: linkHeader(page, last, perPage),
  });
};

/** GET /admin/users/:user */
export const readUser: Handler = async (auth, call) => {
  requireAdmin(call);
  return json(await userJson(auth.sql, await userOf(auth.sql, call)));
};
