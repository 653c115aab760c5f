import type { Folder } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { FolderOptions } from "./FolderOptions.tsx";
import { pathTo } from "./folders.ts";
import { useFilesWords } from "./words.ts";

interface FolderDialogProps {
  parentId: string | null;
  folders: readonly Folder[];
  /** The one that gets another name or place; a new one where there is none. */
  folder?: Folder;
  onClose(): void;
  onDone(): void;
}

/** Makes a folder, or gives one another name or place. */
export function FolderDialog({ parentId, folders, folder, onClose, onDone }: FolderDialogProps) {
  const { f, t } = useFilesWords();
  const client = useClient();
  const form = useForm(async (data) => {
    const name = text(data, "name").trim();
    const parent = text(data, "parent") || null;
    const patch = { name, ...(parent === folder?.parentId ? {} : { parentId: parent }) };
    if (folder) await client.folders.update(folder.id, patch, { version: folder.version });
    else await client.folders.create({ name, parentId });
    onDone();
  });
  // Nothing stands in itself.
  const places = folders.filter(({ id }) => !pathTo(id, folders).some((above) => above.id === folder?.id));
  return (
    <Dialog title={folder ? f.changeFolder : f.newFolder} onClose={onClose}>
      <form className="stack" {...form.props}>
        <Alert text={form.alert} />
        <TextField
          {...{ label: f.folderName, name: "name", defaultValue: folder?.name ?? "", maxLength: 100 }}
          error={form.errors.name}
          required
        />
        {folder && (
          <Field label={f.move} name="parent" error={form.errors.parentId}>
            {(control) => (
              <select className="input" defaultValue={folder.parentId ?? ""} {...control}>
                <FolderOptions folders={places} all={folders} />
              </select>
            )}
          </Field>
        )}
        <div className="row">
          <Button type="submit" tone="primary" busy={form.busy}>
            {t.app.save}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            {t.app.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
