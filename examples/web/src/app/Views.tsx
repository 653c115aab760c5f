import { useEffect, useRef } from "react";
import { Link } from "./router.tsx";

interface View {
  href: string;
  label: string;
  current: boolean;
}

/** The views of a list as a strip of links; the current one is always in sight. */
export function Views({ label, views }: { label: string; views: readonly View[] }) {
  const strip = useRef<HTMLElement>(null);
  const current = views.find((view) => view.current)?.label;
  useEffect(() => {
    const link = current ? strip.current?.querySelector("[aria-current]") : null;
    link?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <nav className={views.length > 4 ? "choices views long" : "choices views"} aria-label={label} ref={strip}>
      {views.map((view) => (
        <Link key={view.label} href={view.href} aria-current={view.current ? "page" : undefined}>
          {view.label}
        </Link>
      ))}
    </nav>
  );
}
