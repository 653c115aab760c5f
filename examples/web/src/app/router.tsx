import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";

const changed = new EventTarget();

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  changed.addEventListener("change", listener);
  return () => {
    removeEventListener("popstate", listener);
    changed.removeEventListener("change", listener);
  };
}

/** Goes to another page of the app. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", to);
  else if (to !== location.pathname + location.search) history.pushState(null, "", to);
  changed.dispatchEvent(new Event("change"));
}

/** The address without origin and fragment, live. */
export function useAddress(): URL {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return new URL(href, location.origin);
}

/** Parts of the path: `/goals/1` is `["goals", "1"]`. */
export function pathParts(address: URL): string[] {
  return address.pathname.split("/").filter((part) => part !== "");
}

/** The same address with some query parameters set, or removed where null. */
export function withQuery(address: URL, query: Record<string, string | null>): string {
  const next = new URL(address);
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === "") next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  return next.pathname + next.search;
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string; replace?: boolean };

/** A link within the app; new tabs and modified clicks stay the browser's. */
export function Link({ href, replace = false, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || modified || event.button !== 0) return;
    event.preventDefault();
    navigate(href, { replace });
  };
  return <a href={href} onClick={follow} {...rest} />;
}
