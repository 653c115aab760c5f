import type { AuthContext, Call } from "../context.ts";
import { text } from "../http.ts";

/** Where this request wants its user to end up: `redirect_to`, else the page that sent it; the allow-list decides. */
export function redirectOf(auth: AuthContext, call: Call): string {
  const wanted =
    call.url.searchParams.get("redirect_to") ??
    call.request.headers.get("redirect_to") ??
    (text(call.body, "redirect_to") || null) ??
    call.request.headers.get("referer");
  return auth.redirects.resolve(wanted);
}
