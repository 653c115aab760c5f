import { useSyncExternalStore } from "react";

/** Where rows stand that were moved here and that the server has not moved yet, by id. */
let places: ReadonlyMap<string, string> = new Map();
let moves = 0;
const listeners = new Set<() => void>();

function show(next: Map<string, string>): void {
  places = next;
  for (const listener of listeners) listener();
}

/**
 * Shows a row somewhere else until `unplace`: behind `after`, before whatever follows it, the later of two moves first.
 * Positions are letters and digits, all of which sort after a space.
 * @param after the position of the row in front of it; "" for the start
 */
export function place(id: string, after: string): void {
  moves += 1;
  show(new Map(places).set(id, `${after} ${1_000_000 - moves}`));
}

/** The row's own position counts again. */
export function unplace(id: string): void {
  const next = new Map(places);
  if (next.delete(id)) show(next);
}

export function usePlaces(): ReadonlyMap<string, string> {
  return useSyncExternalStore(subscribe, () => places);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The position by which a row is shown. */
export function shownPosition({ id, position }: { id: string; position: string }): string {
  return places.get(id) ?? position;
}
