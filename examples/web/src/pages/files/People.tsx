import type { StoredFile } from "@trackit/sdk";
import { useCallback } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { useAnswer } from "../../data/useAnswer.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Told } from "../../ui/States.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { useFilesWords } from "./words.ts";

/** Who else has the file among what is shared with them. */
export function People({ file }: { file: StoredFile }) {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const act = useAction();
  const people = useAnswer(
    useCallback((signal: AbortSignal) => shares.people(file.id, { signal }), [shares, file.id]),
  );
  const form = useForm(async (data, element) => {
    await shares.shareWith(file, text(data, "username").trim());
    element.reset();
    people.reload();
  });
  const why = { USAGE_REFERENCE: f.noKeys, ACCESS_NOT_FOUND: f.nobody }[form.code ?? ""] ?? form.alert;
  return (
    <section className="card stack" aria-label={f.people}>
      <h3>{f.people}</h3>
      <Told asked={people} />
      {people.answer && people.answer.length > 0 && (
        <ul>
          {people.answer.map(({ userId, username }) => (
            <li key={userId} className="row spread">
              <span>{username}</span>
              <IconButton
                icon="close"
                label={f.unshare(username)}
                onClick={() => void act(() => shares.unshare(file.id, userId)).then(people.reload)}
              />
            </li>
          ))}
        </ul>
      )}
      <form className="stack" {...form.props}>
        <Alert text={why} />
        <TextField
          {...{ label: f.shareWith, name: "username", hint: f.usernameHint, error: form.errors.username }}
          {...{ autoCapitalize: "none", autoComplete: "off", spellCheck: false }}
          required
        />
        <Button type="submit" busy={form.busy}>
          {f.share}
        </Button>
      </form>
    </section>
  );
}
