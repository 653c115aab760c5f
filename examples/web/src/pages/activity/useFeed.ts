import type { Activity, Page } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useBackOnline } from "../../app/online.tsx";
import { onAnyChange } from "../../data/changes.ts";

type Feed = Page<Activity>;

/** The feed, in step with what happens: whatever changes, here or elsewhere, has written a line of it. */
export function useFeed() {
  const client = useClient();
  const [feed, setFeed] = useState<Feed | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = useCallback(
    (after: string | null, put: (now: Feed | null, page: Feed) => Feed) => {
      setError(null);
      const page = client.activities.list().page({ after, limit: 50 });
      page.then((read) => setFeed((now) => put(now, read)), setError);
    },
    [client],
  );
  const load = useCallback(() => read(null, withNewest), [read]);
  const next = feed?.next ?? null;
  const more = useCallback(() => read(next, withOlder), [read, next]);
  useEffect(() => {
    load();
    return onAnyChange(load);
  }, [load]);
  useBackOnline(error === null ? null : load);
  return { feed, error, load, more };
}

/** Puts the newest page on top; where it does not reach down to what is known, the feed begins anew with it. */
export function withNewest(now: Feed | null, page: Feed): Feed {
  const known = new Set(now?.rows.map((row) => row.id));
  const fresh = page.rows.filter((row) => !known.has(row.id));
  if (!now || fresh.length === page.rows.length) return page;
  return { rows: [...fresh, ...now.rows], next: now.next };
}

function withOlder(now: Feed | null, page: Feed): Feed {
  return { rows: [...(now?.rows ?? []), ...page.rows], next: page.next };
}
