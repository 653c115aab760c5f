import type { Room, RoomInvite } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Choices } from "../../ui/Choices.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { QrCode } from "../../ui/QrCode.tsx";
import { Failed, Loading } from "../../ui/States.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { Sure } from "./Sure.tsx";
import { useChatWords } from "./words.ts";

const HOUR = 3_600_000;
const endings = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR };
type Ending = keyof typeof endings;

/** Links by which people can come in: those that are open, and a new one. */
export function Invites({ room }: { room: Room }) {
  const { c } = useChatWords();
  const [open, setOpen] = useState<RoomInvite[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [link, setLink] = useState<string | null>(null);
  const load = useCallback(() => {
    room.invites().then((found) => {
      setOpen(found);
      setError(null);
    }, setError);
  }, [room]);
  useEffect(() => {
    load();
    return room.on("room", load);
  }, [room, load]);
  return (
    <section className="stack" aria-label={c.invites}>
      <h3>{c.invites}</h3>
      <p className="quiet small">{c.invitesLead}</p>
      {error !== null && <Failed error={error} retry={load} />}
      {error === null && !open && <Loading rows={1} />}
      {open?.length === 0 && <p className="hint">{c.invitesNone}</p>}
      <ul className="lines">
        {open?.map((invite) => (
          <InviteLine key={invite.id} invite={invite} room={room} onGone={load} />
        ))}
      </ul>
      {link ? (
        <MadeInvite link={link} onDone={() => setLink(null)} />
      ) : (
        <NewInvite
          room={room}
          onMade={(made) => {
            setLink(`${location.origin}/join#${made}`);
            load();
          }}
        />
      )}
    </section>
  );
}

function InviteLine({ invite, room, onGone }: { invite: RoomInvite; room: Room; onGone(): void }) {
  const { c, format } = useChatWords();
  const act = useAction();
  const say = useToast();
  const [asked, setAsked] = useState(false);
  const { expiresAt, id, left, own, role, userId } = invite;
  const maker = room.members.find((member) => member.userId === userId)?.username ?? c.someone;
  const withdraw = async () => {
    if (!(await act(() => room.withdrawInvite(id)))) return;
    say(c.withdrawn);
    onGone();
  };
  const facts = [c.inviteLeft(left), c.inviteUntil(format.dateTime(expiresAt)), !own && c.inviteBy(maker)];
  return (
    <li className="stack">
      <div className="row">
        <div className="grow">
          <p>{c.roles[role]}</p>
          <p className="hint">{facts.filter(Boolean).join(" · ")}</p>
        </div>
        {!asked && (
          <Button small tone="ghost danger" onClick={() => setAsked(true)}>
            {c.withdraw}
          </Button>
        )}
      </div>
      {asked && (
        <Sure
          {...{ question: c.withdrawSure, yes: c.withdraw }}
          onYes={withdraw}
          onNo={() => setAsked(false)}
        />
      )}
    </li>
  );
}

function NewInvite({ room, onMade }: { room: Room; onMade(link: string): void }) {
  const { c } = useChatWords();
  const [role, setRole] = useState<"member" | "admin">("member");
  const form = useForm(async (data) => {
    const expiresIn = endings[text(data, "expiresIn") as Ending];
    onMade(await room.invite({ role, uses: Number(text(data, "uses")), expiresIn }));
  });
  return (
    <form className="stack" {...form.props}>
      <Alert text={form.alert} />
      {room.role === "owner" && (
        <Choices<"member" | "admin">
          {...{ legend: c.inviteRole, name: "role", value: role, onChange: setRole }}
          options={(["member", "admin"] as const).map((value) => ({ value, label: c.roles[value] }))}
        />
      )}
      <div className="pair">
        <TextField
          {...{ label: c.inviteUses, name: "uses", error: form.errors.uses, defaultValue: 1 }}
          {...{ type: "number", min: 1, max: 1000, inputMode: "numeric" }}
          required
        />
        <Field label={c.inviteEnds} name="expiresIn" error={form.errors.expiresIn}>
          {(control) => (
            <select className="input" defaultValue="day" {...control}>
              {(Object.keys(endings) as Ending[]).map((ending) => (
                <option key={ending} value={ending}>
                  {c.inviteEndings[ending]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <div className="row">
        <Button type="submit" icon="link" busy={form.busy}>
          {c.inviteMake}
        </Button>
      </div>
    </form>
  );
}

/** A link that was just made: to be copied, or held before a camera. */
function MadeInvite({ link, onDone }: { link: string; onDone(): void }) {
  const { c } = useChatWords();
  const act = useAction();
  const say = useToast();
  const copy = async () => {
    if (await act(() => navigator.clipboard.writeText(link))) say(c.copied);
  };
  return (
    <div className="notice stack">
      <p role="status">{c.inviteMade}</p>
      <QrCode text={link} label={c.inviteQr} />
      <input
        className="input"
        readOnly
        value={link}
        aria-label={c.inviteLink}
        onFocus={({ target }) => target.select()}
      />
      <div className="row">
        <Button small tone="primary" icon="link" onClick={() => void copy()}>
          {c.copy}
        </Button>
        <Button small tone="ghost" onClick={onDone}>
          {c.inviteDone}
        </Button>
      </div>
    </div>
  );
}
