import type { Folder, StoredFile } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { fittingName } from "../../ui/names.ts";
import { text, useForm } from "../../ui/useForm.ts";
import { FolderOptions } from "./FolderOptions.tsx";
import { useFilesWords } from "./words.ts";

interface FileFormProps {
  file: StoredFile;
  folders: readonly Folder[];
  onChange(): void;
  onClose(): void;
}

/** Name and place of a file, and its way into the trash. */
export function FileForm({ file, folders, onChange, onClose }: FileFormProps) {
  const { f, t } = useFilesWords();
  const { files } = useClient();
  const act = useAction();
  const say = useToast();
  const form = useForm(async (data) => {
    const name = file.name === null ? null : fittingName(text(data, "name").trim());
    const folderId = text(data, "folder") || null;
    const patch = {
      ...(name === null || name === file.name ? {} : { name }),
      ...(folderId === file.folderId ? {} : { folderId }),
    };
    await files.update(file.id, patch, { version: file.version });
    say(f.kept);
    onChange();
  });
  const remove = async () => {
    if (!(await act(() => files.remove(file.id)))) return;
    onClose();
    onChange();
    const undo = () => void act(() => files.restore(file.id)).then(onChange);
    say(f.removed, { action: { label: f.undo, run: undo } });
  };
  return (
    <form className="stack" {...form.props}>
      <Alert text={form.alert} />
      <TextField
        {...{ label: f.name, name: "name", defaultValue: file.name ?? "", maxLength: 255 }}
        error={form.errors.name}
        required
        disabled={file.name === null}
      />
      <Field label={f.move} name="folder" error={form.errors.folderId}>
        {(control) => (
          <select className="input" defaultValue={file.folderId ?? ""} {...control}>
            <FolderOptions folders={folders} all={folders} />
          </select>
        )}
      </Field>
      <div className="row">
        <Button type="submit" busy={form.busy}>
          {t.app.save}
        </Button>
        <Button tone="ghost danger" icon="trash" onClick={() => void remove()}>
          {f.remove}
        </Button>
      </div>
    </form>
  );
}
