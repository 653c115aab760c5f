import type { RoomMember } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { Safety } from "./Safety.tsx";
import { useChatWords } from "./words.ts";

interface PersonProps {
  member: RoomMember;
  who: string;
  roomId: string;
}

/** What one may do about somebody: compare, block, report. */
export function Person({ member: { userId }, who, roomId }: PersonProps) {
  const { c } = useChatWords();
  const { rooms } = useClient();
  const act = useAction();
  const say = useToast();
  const [reports, setReports] = useState(false);
  const run = async (call: () => Promise<void>, said: string) => {
    if (await act(call)) say(said);
  };
  return (
    <div className="stack person">
      <Safety who={who} id={userId} />
      <div className="row">
        <Button small onClick={() => void run(() => rooms.block(userId), c.blocked(who))}>
          {c.block}
        </Button>
        <Button small onClick={() => void run(() => rooms.unblock(userId), c.unblocked(who))}>
          {c.unblock}
        </Button>
        <Button
          small
          tone="ghost danger"
          icon="flag"
          aria-expanded={reports}
          onClick={() => setReports(!reports)}
        >
          {c.report}
        </Button>
      </div>
      {reports && <Report {...{ userId, who, roomId }} onDone={() => setReports(false)} />}
    </div>
  );
}

interface ReportProps {
  userId: string;
  who: string;
  roomId: string;
  onDone(): void;
}

function Report({ userId, who, roomId, onDone }: ReportProps) {
  const { c, t } = useChatWords();
  const { rooms } = useClient();
  const say = useToast();
  const form = useForm(async (data) => {
    await rooms.report(userId, { reason: text(data, "reason").trim(), roomId });
    say(c.reported(who));
    onDone();
  });
  return (
    <form className="stack" {...form.props}>
      <p className="quiet small">{c.reportLead}</p>
      <Alert text={form.alert} />
      <Field label={c.reportReason} name="reason" error={form.errors.reason}>
        {(control) => <textarea className="input" rows={3} maxLength={500} required {...control} />}
      </Field>
      <div className="row">
        <Button type="submit" small tone="primary" busy={form.busy}>
          {c.reportSend}
        </Button>
        <Button small tone="ghost" onClick={onDone}>
          {t.app.cancel}
        </Button>
      </div>
    </form>
  );
}
