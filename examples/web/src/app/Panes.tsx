import { type ReactNode, useEffect, useRef } from "react";

interface PanesProps {
  /** Name of the list. */
  label: string;
  /** Name of what is beside it. */
  detailLabel: string;
  /** What is open beside the list; null for nothing. */
  open: string | null;
  detail: ReactNode;
  children: ReactNode;
}

/**
 * A list and the chosen thing beside it; on a phone the one takes the place of the other. The focus goes with
 * what opens and comes back to where it was, and the list is found again where it was left.
 */
export function Panes({ label, detailLabel, open, detail, children }: PanesProps) {
  const section = useRef<HTMLElement>(null);
  const before = useRef({ open, top: 0, focused: null as Element | null });
  useEffect(() => {
    const last = before.current;
    if (open === last.open) return;
    if (open !== null) {
      if (last.open === null) before.current = { open, top: scrollY, focused: document.activeElement };
      else last.open = open;
      section.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    } else {
      before.current = { open, top: 0, focused: null };
      scrollTo(0, last.top);
      if (last.focused instanceof HTMLElement) last.focused.focus({ preventScroll: true });
    }
  }, [open]);
  return (
    <div className="panes" data-open={open !== null}>
      <section className="page" aria-label={label}>
        {children}
      </section>
      <section className="detail" aria-label={detailLabel} ref={section} tabIndex={-1}>
        {detail}
      </section>
    </div>
  );
}
