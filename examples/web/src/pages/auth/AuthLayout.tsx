import { type ReactNode, useEffect, useRef } from "react";
import { Brand } from "../../app/Brand.tsx";
import { Switches } from "../../app/Switches.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Icon } from "../../ui/Icon.tsx";
import "../../app/shell.css";
import "./auth.css";

/** The frame of every page in front of the sign-in. */
export function AuthLayout({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · TrackIt`;
    heading.current?.focus();
  }, [title]);
  return (
    <div className="auth">
      <Pitch />
      <main className="auth-main">
        <div className="auth-top">
          <Brand />
          <Switches />
        </div>
        <div className="auth-form">
          <header>
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {lead && <p className="quiet">{lead}</p>}
          </header>
          {children}
        </div>
      </main>
    </div>
  );
}

/** The other half of a wide screen: what this is, drawn with the app's own shapes. */
function Pitch() {
  const { t } = useWords();
  return (
    <aside className="pitch">
      <div className="pitch-art" aria-hidden="true">
        <PitchLine done />
        <PitchLine done />
        <PitchLine />
        <div className="pitch-bar" />
      </div>
      <p className="pitch-title">{t.app.tagline}</p>
      <p>{t.app.pitch}</p>
    </aside>
  );
}

function PitchLine({ done = false }: { done?: boolean }) {
  return (
    <div className={done ? "pitch-line done" : "pitch-line"}>
      <span className="pitch-box">{done && <Icon name="check" size={16} />}</span>
      <span className="pitch-text" />
    </div>
  );
}
