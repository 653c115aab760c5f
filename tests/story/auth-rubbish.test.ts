import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AuthKit, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
let ada: Awaited<ReturnType<AuthKit["join"]>>;
beforeAll(async () => {
  kit = await startAuthKit({ enable_anonymous_sign_ins: true });
  ada = await kit.join("ada");
});
afterAll(() => kit.stop());

const id = "00000000-0000-4000-8000-000000000000";
const routes = [
  "POST /signup",
  "POST /resend",
  "POST /otp",
  "POST /recover",
  "POST /verify",
  "POST /token?grant_type=password",
  "POST /token?grant_type=refresh_token",
  "POST /token?grant_type=pkce",
  "POST /token?grant_type=constructor",
  "POST /factors",
  `POST /factors/${id}/challenge`,
  `POST /factors/${id}/verify`,
  "DELETE /factors/rubbish",
  "PUT /user",
  "DELETE /user/identities/rubbish",
  "POST /invite",
  "POST /admin/users",
  `PUT /admin/users/${id}`,
  "PUT /admin/users/rubbish",
  `DELETE /admin/users/${id}/factors/rubbish`,
  "POST /admin/generate_link",
  "GET /admin/users?page=-1",
  "GET /admin/users?page=1e9&per_page=x",
  "GET /verify?type=constructor&token=x",
  "GET /verify?type=email_change&token=%00&redirect_to=%00",
  "GET /user",
  "POST /logout?scope=constructor",
];

const fields = [
  "email",
  "password",
  "data",
  "type",
  "token",
  "token_hash",
  "refresh_token",
  "auth_code",
  "code_verifier",
  "code_challenge",
  "code_challenge_method",
  "factor_type",
  "friendly_name",
  "challenge_id",
  "code",
  "user_metadata",
  "app_metadata",
  "ban_duration",
  "password_hash",
  "new_email",
  "id",
  "role",
  "phone",
  "nonce",
  "__proto__",
];
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom("email", "signup", "magiclink", "totp", "s256", "none", "\u0000", "a".repeat(5000)),
  fc.constantFrom("eve@example.com", "correct horse 1", id, "000000", "' or 1=1 --"),
  fc.jsonValue(),
);
const body = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 8 });

it("no request, however strange, is answered with a failure of ours (500)", async () => {
  const { PUBLISHABLE_KEY, SECRET_KEY } = kit.stack.env;
  const callers: Record<string, string>[] = [
    { apikey: PUBLISHABLE_KEY },
    { apikey: SECRET_KEY },
    { apikey: PUBLISHABLE_KEY, authorization: `Bearer ${ada.session.access_token}` },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes),
      fc.constantFrom(...callers),
      body,
      async (route, headers, sent) => {
        const [method = "GET", path = ""] = route.split(" ");
        const response = await fetch(`${kit.url}${path}`, {
          method,
          headers: { ...headers, "content-type": "application/json" },
          redirect: "manual",
          ...(method === "GET" ? {} : { body: JSON.stringify(sent) }),
        });
        const text = await response.text();
        expect(response.status, `${route} ${JSON.stringify(sent)}: ${text}`).toBeLessThan(500);
      },
    ),
    { numRuns: 400 },
  );
});
