import type { Device } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { useChatWords } from "./words.ts";

/** Names a device for all devices of the account; nobody else can read it. */
export function RenameDevice({ device: { id, name }, onDone }: { device: Device; onDone(): void }) {
  const { c, t } = useChatWords();
  const { devices } = useClient();
  const form = useForm(async (data) => {
    await devices.rename(id, text(data, "device").trim());
    onDone();
  });
  return (
    <form className="joined" {...form.props}>
      <TextField
        {...{ label: c.deviceName, name: "device", defaultValue: name ?? "", maxLength: 40 }}
        error={form.alert ?? form.errors.device}
        required
      />
      <Button type="submit" busy={form.busy}>
        {t.app.save}
      </Button>
    </form>
  );
}
