import { type ReactNode, useEffect, useRef } from "react";
import { followTables } from "../data/live.ts";
import { useWords } from "../i18n/language.tsx";
import { type AppPage, loadPages, pages } from "../pages/index.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Brand } from "./Brand.tsx";
import { useClient, useSession } from "./client.tsx";
import { Link } from "./router.tsx";
import { Switches } from "./Switches.tsx";
import { NewsLine } from "./sync/NewsLine.tsx";
import { useSignOut } from "./sync/SignOut.tsx";
import { SyncStatus } from "./sync/SyncStatus.tsx";
import "./shell.css";

/** The frame of every page behind the sign-in: navigation beside it, or below it on a phone. */
export function Shell({ current, children }: { current: AppPage | undefined; children: ReactNode }) {
  const { t } = useWords();
  const main = useRef<HTMLElement>(null);
  const title = current?.label(t);
  useEffect(() => {
    document.title = title ? `${title} · TrackIt` : "TrackIt";
  }, [title]);
  useEffect(loadPages, []);
  const client = useClient();
  useEffect(() => followTables(client), [client]);
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {t.app.skip}
      </button>
      <aside className="side">
        <Brand />
        <Navigation current={current} />
        <SyncStatus />
        <NewsLine />
        <Account />
      </aside>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Navigation({ current }: { current: AppPage | undefined }) {
  const { t } = useWords();
  return (
    <nav className="nav" aria-label={t.nav.label}>
      {pages.map((page) => (
        <Link key={page.path} href={`/${page.path}`} aria-current={page === current ? "page" : undefined}>
          <Icon name={page.icon} size={22} />
          <span>{page.label(t)}</span>
        </Link>
      ))}
    </nav>
  );
}

function Account() {
  const { t } = useWords();
  const session = useSession();
  const signOut = useSignOut();
  return (
    <div className="account">
      <Switches />
      <p className="small quiet account-mail" title={session?.user.email ?? ""}>
        {session?.user.email}
      </p>
      <Button tone="ghost" small icon="out" onClick={() => signOut()}>
        {t.auth.signOut}
      </Button>
    </div>
  );
}
