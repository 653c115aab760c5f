import type { Room } from "@trackit/sdk";
import { useState } from "react";
import { useToast } from "../../app/toasts.tsx";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { handWritten, whyNot } from "./NewRoomDialog.tsx";
import { Safety } from "./Safety.tsx";
import { useChatWords } from "./words.ts";

/** Brings somebody in by their username; whose keys are new is looked at first. */
export function AddMember({ room }: { room: Room }) {
  const { c } = useChatWords();
  const say = useToast();
  const [doubted, setDoubted] = useState<string | null>(null);
  const form = useForm(async (data, element) => {
    const who = text(data, "username").trim();
    setDoubted(who);
    await room.add(who);
    setDoubted(null);
    say(c.added(who));
    element.reset();
  });
  const error = whyNot(form, c) ?? form.errors.username;
  return (
    <>
      <form className="joined" {...form.props}>
        <TextField label={c.addTitle} name="username" error={error} {...handWritten} required />
        <Button type="submit" busy={form.busy}>
          {c.add}
        </Button>
      </form>
      {doubted && form.code === "CRYPTO_IDENTITY" && <Safety who={doubted} />}
    </>
  );
}
