import type { Handler } from "../context.ts";
import { AuthError } from "../errors.ts";
import { json } from "../http.ts";

/** GET /health: that Auth answers and its database does. */
export const health: Handler = async (auth) => {
  await auth.sql`select 1`;
  return json({
    version: "trackit",
    name: "GoTrue",
    description: "GoTrue-compatible Auth of the embedded stack",
  });
};

/** GET /settings: what a sign-in page may offer. */
export const settings: Handler = async ({ settings: own }) =>
  json({
    external: { anonymous_users: own.anonymous, email: own.emailSignUp, phone: false },
    disable_signup: !own.signUp,
    mailer_autoconfirm: !own.confirmEmail,
    phone_autoconfirm: false,
    sms_provider: "",
    saml_enabled: false,
    passkeys_enabled: false,
  });

/** GET /.well-known/jwks.json: the key that verifies access tokens. */
export const jwks: Handler = async ({ tokens }) =>
  json(tokens.jwks, 200, { "cache-control": "public, max-age=600" });

/** GET /.well-known/openid-configuration: where that key is, for those who look there first. */
export const openid: Handler = async ({ settings: own }) =>
  json({ issuer: own.externalUrl, jwks_uri: `${own.externalUrl}/.well-known/jwks.json` });

/** POST /sso: no SAML here. */
export const noSso: Handler = async () => {
  throw new AuthError(404, "saml_provider_disabled", "SAML 2.0 is disabled");
};

/** GET /authorize and others of providers: none is configured. */
export const noProvider: Handler = async () => {
  throw new AuthError(400, "validation_failed", "Unsupported provider: provider is not enabled");
};
