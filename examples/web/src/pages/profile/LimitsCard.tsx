import type { Limit } from "@trackit/sdk";
import { useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { onAnyChange } from "../../data/changes.ts";
import { useWords } from "../../i18n/language.tsx";
import { Progress } from "../../ui/States.tsx";

/** How much of each limit is used; absent where the server does not say. */
export function LimitsCard() {
  const { t, format } = useWords();
  const client = useClient();
  const [limits, setLimits] = useState<Limit[]>([]);
  useEffect(() => {
    const load = () => void client.limits.list().then(setLimits, () => undefined);
    load();
    return onAnyChange(load);
  }, [client]);
  const known = limits.filter(({ kind }) => t.profile.limitKinds[kind]);
  if (known.length === 0) return null;
  return (
    <section className="card stack" aria-label={t.profile.limits}>
      <h2>{t.profile.limits}</h2>
      {known.map(({ kind, used, max }) => {
        const name = t.profile.limitKinds[kind] ?? kind;
        return (
          <div key={kind}>
            <p className="row spread small">
              <span>{name}</span>
              <span className="quiet">{t.profile.limitUsed(format.number(used), format.number(max))}</span>
            </p>
            <Progress share={max > 0 ? Math.min(used / max, 1) : 1} label={name} />
          </div>
        );
      })}
    </section>
  );
}
