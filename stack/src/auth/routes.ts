import { createUser } from "./admin/create.ts";
import { deleteUser } from "./admin/delete.ts";
import { deleteFactor, listFactors } from "./admin/factors.ts";
import { invite } from "./admin/invite.ts";
import { generateLink } from "./admin/links.ts";
import { listUsers, readUser } from "./admin/read.ts";
import { updateUserByAdmin } from "./admin/update.ts";
import { challenge, enroll, unenroll, verifyFactor } from "./endpoints/factors.ts";
import { unlinkIdentity } from "./endpoints/identities.ts";
import { logout } from "./endpoints/logout.ts";
import { otp } from "./endpoints/otp.ts";
import { health, jwks, noProvider, noSso, openid, settings } from "./endpoints/public.ts";
import { recover } from "./endpoints/recover.ts";
import { resend } from "./endpoints/resend.ts";
import { signUp } from "./endpoints/signup.ts";
import { token } from "./endpoints/token.ts";
import { getUser, reauthenticate, updateUser } from "./endpoints/user.ts";
import { verifyGet, verifyPost } from "./endpoints/verify.ts";
import { Router } from "./router.ts";

/** Everything that Auth answers, on one screen. */
export const routes = new Router()
  .on("GET /health", health)
  .on("GET /settings", settings)
  .on("GET /.well-known/jwks.json", jwks)
  .on("GET /.well-known/openid-configuration", openid)
  .on("GET /authorize", noProvider)
  .on("POST /sso", noSso)
  .on("POST /signup", signUp)
  .on("POST /resend", resend)
  .on("POST /otp", otp)
  .on("POST /magiclink", otp)
  .on("POST /recover", recover)
  .on("GET /verify", verifyGet)
  .on("POST /verify", verifyPost)
  .on("POST /token", token)
  .on("POST /logout", logout)
  .on("GET /reauthenticate", reauthenticate)
  .on("GET /user", getUser)
  .on("PUT /user", updateUser)
  .on("GET /user/identities/authorize", noProvider)
  .on("DELETE /user/identities/:identity", unlinkIdentity)
  .on("POST /factors", enroll)
  .on("POST /factors/:factor/challenge", challenge)
  .on("POST /factors/:factor/verify", verifyFactor)
  .on("DELETE /factors/:factor", unenroll)
  .on("POST /invite", invite)
  .on("POST /admin/generate_link", generateLink)
  .on("GET /admin/users", listUsers)
  .on("POST /admin/users", createUser)
  .on("GET /admin/users/:user", readUser)
  .on("PUT /admin/users/:user", updateUserByAdmin)
  .on("DELETE /admin/users/:user", deleteUser)
  .on("GET /admin/users/:user/factors", listFactors)
  .on("DELETE /admin/users/:user/factors/:factor", deleteFactor);
