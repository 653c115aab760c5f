import type { Duration, StoredFile } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field, PasswordField, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { MadeLink } from "./MadeLink.tsx";
import { useFilesWords } from "./words.ts";

const ends = ["1h", "1d", "7d", "30d", "never"] as const;

/** Makes a link: how long it works, how often, and with which password. */
export function ShareDialog({ file, onClose }: { file: StoredFile; onClose(): void }) {
  const { f, t } = useFilesWords();
  const { shares } = useClient();
  const [link, setLink] = useState<string | null>(null);
  const form = useForm(async (data) => {
    const [end, password, downloads] = [
      text(data, "expiresIn"),
      text(data, "password"),
      text(data, "maxDownloads"),
    ];
    const share = await shares.create(file, {
      ...(end === "never" ? {} : { expiresIn: end as Duration }),
      ...(password === "" ? {} : { password }),
      ...(downloads === "" ? {} : { maxDownloads: Number(downloads) }),
    });
    setLink(share.link);
  });
  return (
    <Dialog title={f.newLink} onClose={onClose}>
      {link ? (
        <MadeLink link={link} />
      ) : (
        <form className="stack" {...form.props}>
          <Alert text={form.alert} />
          <Field label={f.expires} name="expiresIn" error={form.errors.expiresIn}>
            {(control) => (
              <select className="input" defaultValue="7d" {...control}>
                {ends.map((end) => (
                  <option key={end} value={end}>
                    {f.ends[end]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <PasswordField
            {...{ label: f.password, name: "password", hint: f.passwordHint, error: form.errors.password }}
            autoComplete="new-password"
            required={false}
            optional
          />
          <TextField
            {...{ label: f.downloads, name: "maxDownloads", hint: f.downloadsHint }}
            error={form.errors.maxDownloads}
            {...{ type: "number", min: 1, max: 1_000_000, inputMode: "numeric" }}
            optional
          />
          <div className="row">
            <Button type="submit" tone="primary" busy={form.busy}>
              {f.makeLink}
            </Button>
            <Button tone="ghost" onClick={onClose}>
              {t.app.cancel}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
