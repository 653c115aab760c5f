import { useSyncExternalStore } from "react";

/** What another device has changed: shown and told for a moment. */
export interface News {
  /** Rows that changed, by id. */
  ids: ReadonlySet<string>;
  /** Titles of what changed, each once. */
  titles: readonly string[];
}

/** News are gathered for so long before they are told, in milliseconds. */
const GATHER = 700;
/** How long they are shown. */
const SHOW = 3_000;
/** What arrives so soon after a write of this page is taken for its consequence. */
const OWN = 3_000;

const none: News = { ids: new Set(), titles: [] };
let news = none;
let gathered = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let written = Number.NEGATIVE_INFINITY;
const listeners = new Set<() => void>();

function show(next: News): void {
  news = next;
  for (const listener of listeners) listener();
}

/** Something was written on this page: what the database makes of it comes back as a change, and is none. */
export function wroteHere(): void {
  written = performance.now();
}

/** Something came from another device, or seems to: its own writes reach a page before their answers do. */
export function heard({ id, title }: { id: string; title: string }): void {
  gathered.set(id, title);
  clearTimeout(timer);
  timer = setTimeout(tell, GATHER);
}

function tell(): void {
  const told = gathered;
  gathered = new Map();
  if (performance.now() - written < OWN) return;
  show({ ids: new Set(told.keys()), titles: [...new Set(told.values())] });
  timer = setTimeout(() => show(none), SHOW);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useNews(): News {
  return useSyncExternalStore(subscribe, () => news);
}

/** Whether a row was changed elsewhere a moment ago. */
export function useIsNews(id: string): boolean {
  return useSyncExternalStore(subscribe, () => news.ids.has(id));
}
