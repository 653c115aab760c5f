const PREFIX = "trackit-sending/";

/** Tells other tabs that a file is being sent here, until it is not; where the browser has no locks, nobody is told. */
export function tellSending(fileId: string, sending: Promise<unknown>): void {
  if (!navigator.locks) return;
  const ended = sending.catch(() => undefined);
  navigator.locks.request(PREFIX + fileId, () => ended).catch(() => undefined);
}

/** Ids of the files that some tab is sending. */
export async function sentByTabs(): Promise<Set<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const names = held.map(({ name }) => name ?? "").filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
}
