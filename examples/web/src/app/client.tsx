import type { Session, TrackIt } from "@trackit/sdk";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

const Client = createContext<TrackIt | null>(null);
const Current = createContext<Session | null | undefined>(undefined);

/** Gives the SDK's client and its session to every page below. */
export function ClientProvider({ client, children }: { client: TrackIt; children: ReactNode }) {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => client.auth.onChange((_event, next) => setSession(next)), [client]);
  return (
    <Client value={client}>
      <Current value={session}>{children}</Current>
    </Client>
  );
}

export function useClient(): TrackIt {
  const client = useContext(Client);
  if (!client) throw new Error("useClient outside ClientProvider: wrap the page in it");
  return client;
}

/** The session; null when signed out, undefined while it is being read from storage. */
export function useSession(): Session | null | undefined {
  return useContext(Current);
}
