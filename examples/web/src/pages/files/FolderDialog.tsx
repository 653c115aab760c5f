import type { Folder } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { useFilesWords } from "./words.ts";

interface FolderDialogProps {
  parentId: string | null;
  /** The one that gets another name; a new one where there is none. */
  folder?: Folder;
  onClose(): void;
  onDone(): void;
}

/** Makes a folder, or gives one another name. */
export function FolderDialog({ parentId, folder, onClose, onDone }: FolderDialogProps) {
  const { f, t } = useFilesWords();
  const { folders } = useClient();
  const form = useForm(async (data) => {
    const name = text(data, "name").trim();
    if (folder) await folders.update(folder.id, { name }, { version: folder.version });
    else await folders.create({ name, parentId });
    onDone();
  });
  return (
    <Dialog title={folder ? f.rename : f.newFolder} onClose={onClose}>
      <form className="stack" {...form.props}>
        <Alert text={form.alert} />
        <TextField
          {...{ label: f.folderName, name: "name", defaultValue: folder?.name ?? "", maxLength: 100 }}
          error={form.errors.name}
          required
        />
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
