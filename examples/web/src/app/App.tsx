import { Suspense, useEffect } from "react";
import { UploadsProvider } from "../data/uploads.tsx";
import { useWords } from "../i18n/language.tsx";
import { authPages } from "../pages/auth/index.ts";
import { SecondFactor } from "../pages/auth/SecondFactor.tsx";
import { SignIn } from "../pages/auth/SignIn.tsx";
import { takeInvitation } from "../pages/chat/invitation.ts";
import { pages } from "../pages/index.ts";
import { Empty, Loading } from "../ui/States.tsx";
import { CrashBoundary } from "./Crash.tsx";
import { useSession } from "./client.tsx";
import { Link, navigate, pathParts, useAddress } from "./router.tsx";
import { Shell } from "./Shell.tsx";
import { useEndedSession } from "./useEndedSession.ts";

/** Which page, for whom: pages for guests, the sign-in in front of everything else, or the app itself. */
export function App() {
  const session = useSession();
  useEndedSession();
  const address = useAddress();
  const path = pathParts(address).join("/");
  const guestPage = authPages[path];

  useEffect(() => {
    if (session && !session.needsSecondFactor && (path === "" || guestPage?.onlyGuests))
      navigate(takeInvitation() ? "/join" : "/tasks", { replace: true });
  }, [session, path, guestPage]);

  if (session === undefined) return <Splash />;
  if (guestPage && !(session && guestPage.onlyGuests))
    return (
      <Suspense fallback={<Splash />}>
        <guestPage.Page key={path} />
      </Suspense>
    );
  if (!session) return <SignIn />;
  if (session.needsSecondFactor) return <SecondFactor />;
  return <SignedIn key={session.user.id} path={path} />;
}

function SignedIn({ path }: { path: string }) {
  const first = path.split("/")[0];
  const page = pages.find((one) => one.path === first);
  return (
    <UploadsProvider>
      <Shell current={page}>
        <CrashBoundary key={first}>
          <Suspense fallback={<PageLoading />}>
            {page ? <page.Page /> : path === "" ? <Loading /> : <NotFound />}
          </Suspense>
        </CrashBoundary>
      </Shell>
    </UploadsProvider>
  );
}

function PageLoading() {
  return (
    <div className="page">
      <Loading />
    </div>
  );
}

function NotFound() {
  const { t } = useWords();
  return (
    <Empty icon="search" title={t.app.notFound}>
      <Link href="/tasks">{t.app.goHome}</Link>
    </Empty>
  );
}

/** Reading the session takes a moment; an empty page with a name to it beats a flash of the sign-in. */
function Splash() {
  const { t } = useWords();
  return (
    <p className="hidden" role="status">
      {t.app.loading}
    </p>
  );
}
