import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { handWritten } from "./NewRoomDialog.tsx";
import { useChatWords } from "./words.ts";

/** On a device that the account has: the code of a new one, typed here, lets that one in. */
export function Approve({ onApproved }: { onApproved(): void }) {
  const { c } = useChatWords();
  const { devices } = useClient();
  const say = useToast();
  const form = useForm(async (data, element) => {
    await devices.approve(text(data, "code"));
    element.reset();
    say(c.approved);
    onApproved();
  });
  const error = form.code === "USAGE_INVALID" ? c.codeWrong : (form.alert ?? form.errors.code);
  return (
    <form className="joined" {...form.props}>
      <TextField
        label={c.approveType}
        name="code"
        error={error}
        hint={c.approveHint}
        {...handWritten}
        required
      />
      <Button type="submit" busy={form.busy}>
        {c.approve}
      </Button>
    </form>
  );
}
