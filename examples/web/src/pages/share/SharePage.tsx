import { isTrackItError, type OpenedShare } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAnswer } from "../../data/useAnswer.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField } from "../../ui/Field.tsx";
import { plainName } from "../../ui/names.ts";
import { Failed, Loading } from "../../ui/States.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "../auth/AuthLayout.tsx";
import { Preview } from "../files/Preview.tsx";
import { SaveButton } from "../files/SaveButton.tsx";
import { useFilesWords } from "../files/words.ts";
import { takeLink } from "./link.ts";
import "../files/files.css";

/** Where a link to a file leads: for anybody, with or without an account. */
export default function SharePage() {
  const { f } = useFilesWords();
  const [link, setLink] = useState(takeLink);
  useEffect(() => {
    // Another link in the same tab changes the part behind the # alone.
    const follow = () => setLink(takeLink());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  if (link === null)
    return (
      <AuthLayout title={f.link.lost} lead={f.link.lostLead}>
        {null}
      </AuthLayout>
    );
  return <Visit key={link} link={link} />;
}

function Visit({ link }: { link: string }) {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const [isDead, setDead] = useState(false);
  const [opened, setOpened] = useState<OpenedShare | null>(null);
  const { answer, error, reload } = useAnswer(
    useCallback((signal: AbortSignal) => shares.look(link, { signal }), [shares, link]),
  );
  if (opened) return <Opened share={opened} />;
  if (isDead || isTrackItError(error, "ACCESS_NOT_FOUND"))
    return (
      <AuthLayout title={f.link.dead} lead={f.link.deadLead}>
        {null}
      </AuthLayout>
    );
  if (answer)
    return (
      <AuthLayout title={f.link.title} lead={f.link.openLead}>
        <OpenForm
          {...{ link, wantsPassword: answer.password }}
          onOpen={setOpened}
          onDead={() => setDead(true)}
        />
      </AuthLayout>
    );
  return (
    <AuthLayout title={error === null ? f.link.looking : f.link.title}>
      {error === null ? <Loading rows={2} /> : <Failed error={error} retry={reload} />}
    </AuthLayout>
  );
}

interface OpenFormProps {
  link: string;
  wantsPassword: boolean;
  onOpen(share: OpenedShare): void;
  onDead(): void;
}

function OpenForm({ link, wantsPassword, onOpen, onDead }: OpenFormProps) {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const [wait, setWait] = useState(0);
  const form = useForm(async (data) => {
    setWait(0);
    try {
      onOpen(await shares.open(link, wantsPassword ? { password: text(data, "password") } : {}));
    } catch (error) {
      if (isTrackItError(error, "ACCESS_NOT_FOUND")) return onDead();
      if (isTrackItError(error, "LIMIT_RATE")) setWait(Math.ceil((error.retryAfter ?? 60) / 60));
      throw error;
    }
  });
  return (
    <form className="stack" {...form.props}>
      <Alert text={wait > 0 ? f.link.wait(wait) : form.alert} />
      {wantsPassword && (
        <PasswordField
          {...{ label: f.password, name: "password", hint: f.link.password, error: form.errors.password }}
          autoComplete="off"
        />
      )}
      <Button type="submit" tone="primary" wide busy={form.busy}>
        {f.link.open}
      </Button>
    </form>
  );
}

function Opened({ share }: { share: OpenedShare }) {
  const { f, bytes } = useFilesWords();
  return (
    <AuthLayout
      title={plainName(share.name)}
      lead={[bytes(share.size), share.type].filter(Boolean).join(" · ")}
    >
      <Preview source={share} thumbnail={share.thumbnail} />
      <SaveButton wide source={share} label={f.link.save} />
      <p className="small quiet">
        {share.encrypted ? f.link.sealed : f.link.plain} {f.link.from}
      </p>
    </AuthLayout>
  );
}
