import type { Room } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Choices } from "../../ui/Choices.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { useChatWords } from "./words.ts";

const kinds = ["direct", "group", "self"] as const;
const histories = ["none", "shared"] as const;

/** Begins a conversation, or finds the one that is there: with one person, with several, or with oneself. */
export function NewRoomDialog({ onClose, onMade }: { onClose(): void; onMade(id: string): void }) {
  const { c, t } = useChatWords();
  const { rooms } = useClient();
  const [kind, setKind] = useState<Room["kind"]>("direct");
  const [historyPolicy, setHistory] = useState<Room["historyPolicy"]>("none");
  const make = (data: FormData): Promise<Room> => {
    if (kind === "self") return rooms.self();
    if (kind === "direct") return rooms.direct(text(data, "username").trim());
    const members = text(data, "members").split(/[\s,]+/);
    return rooms.create({
      name: text(data, "name").trim(),
      members: members.filter((name) => name !== ""),
      historyPolicy,
    });
  };
  const form = useForm(async (data) => onMade((await make(data)).id));
  return (
    <Dialog title={c.new} onClose={onClose}>
      <form className="stack" {...form.props}>
        <Alert text={whyNot(form, c)} />
        <Choices<Room["kind"]>
          legend={c.with}
          name="kind"
          options={kinds.map((value) => ({ value, label: c.kinds[value] }))}
          value={kind}
          onChange={setKind}
        />
        {kind === "direct" && (
          <TextField
            {...{ label: c.username, name: "username", hint: c.usernameHint, error: form.errors.username }}
            {...handWritten}
            required
          />
        )}
        {kind === "group" && (
          <>
            <TextField label={c.groupName} name="name" error={form.errors.name} maxLength={100} required />
            <TextField
              {...{ label: c.usernames, name: "members", hint: c.usernamesHint, error: form.errors.members }}
              {...handWritten}
              optional
            />
            <Choices<Room["historyPolicy"]>
              legend={c.history}
              name="history"
              options={histories.map((value) => ({ value, label: c.histories[value] }))}
              value={historyPolicy}
              onChange={setHistory}
            />
          </>
        )}
        {kind === "self" && <p className="quiet">{c.selfLead}</p>}
        <div className="row">
          <Button type="submit" tone="primary" busy={form.busy}>
            {c.start}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            {t.app.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A username is nobody's word: no keyboard shall better it. */
export const handWritten = { autoCapitalize: "none", autoComplete: "off", spellCheck: false } as const;

/** Why somebody cannot be brought in, in this page's words. */
export function whyNot(
  { alert, code }: { alert: string | null; code: string | null },
  { noKeys, nobody }: { noKeys: string; nobody: string },
): string | null {
  if (code === "USAGE_REFERENCE") return noKeys;
  return code === "ACCESS_NOT_FOUND" ? nobody : alert;
}
