import { type ComponentType, lazy } from "react";
import { Confirm } from "./Confirm.tsx";
import { Forgot } from "./Forgot.tsx";
import { Recover } from "./Recover.tsx";
import { Register } from "./Register.tsx";
import { SignIn } from "./SignIn.tsx";
import { Unsubscribe } from "./Unsubscribe.tsx";

interface AuthPage {
  Page: ComponentType;
  /** Whoever is signed in already is sent on; links from mails are for everybody. */
  onlyGuests: boolean;
}

/** The pages that need no session, by path. */
export const authPages: Record<string, AuthPage> = {
  "sign-in": { Page: SignIn, onlyGuests: true },
  register: { Page: Register, onlyGuests: true },
  forgot: { Page: Forgot, onlyGuests: true },
  recover: { Page: Recover, onlyGuests: true },
  "auth/confirm": { Page: Confirm, onlyGuests: false },
  join: { Page: lazy(() => import("../chat/JoinPage.tsx")), onlyGuests: false },
  s: { Page: lazy(() => import("../share/SharePage.tsx")), onlyGuests: false },
  unsubscribe: { Page: Unsubscribe, onlyGuests: false },
};
