import { isTrackItError, type OpenedShare } from "@trackit/sdk";
import { useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { describeFailure } from "../../i18n/failure.ts";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { PasswordField } from "../../ui/Field.tsx";
import { Loading, Progress } from "../../ui/States.tsx";
import { saveAs } from "../../ui/saveAs.ts";
import { text, useForm } from "../../ui/useForm.ts";
import { AuthLayout } from "../auth/AuthLayout.tsx";
import { usePicture } from "../files/FileList.tsx";
import { useFilesWords } from "../files/words.ts";
import { takeLink } from "./link.ts";
import "../files/files.css";

/** Where a link to a file leads: for anybody, with or without an account. */
export default function SharePage() {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const [link] = useState(takeLink);
  const [state, setState] = useState<"looking" | "dead" | "open" | "password">("looking");
  const [opened, setOpened] = useState<OpenedShare | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    shares.look(link, { signal: stop.signal }).then(
      ({ password }) => setState(password ? "password" : "open"),
      (error: unknown) => {
        // Whatever else is wrong, opening it says.
        if (!stop.signal.aborted) setState(isTrackItError(error, "ACCESS_NOT_FOUND") ? "dead" : "open");
      },
    );
    return () => stop.abort();
  }, [shares, link]);
  if (opened) return <Opened share={opened} />;
  if (state === "dead")
    return (
      <AuthLayout title={f.link.dead} lead={f.link.deadLead}>
        {null}
      </AuthLayout>
    );
  if (state === "looking")
    return (
      <AuthLayout title={f.link.looking}>
        <Loading rows={2} />
      </AuthLayout>
    );
  return (
    <AuthLayout title={f.link.title} lead={f.link.openLead}>
      <OpenForm
        {...{ link, wantsPassword: state === "password" }}
        onOpen={setOpened}
        onDead={() => setState("dead")}
      />
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
  const problem = wait > 0 ? f.link.wait(wait) : form.code === "ACCESS_PASSWORD" ? f.link.wrong : form.alert;
  return (
    <form className="stack" {...form.props}>
      <Alert text={problem} />
      {wantsPassword && (
        <PasswordField label={f.password} name="password" hint={f.link.password} autoComplete="off" />
      )}
      <Button type="submit" tone="primary" wide busy={form.busy}>
        {f.link.open}
      </Button>
    </form>
  );
}

function Opened({ share }: { share: OpenedShare }) {
  const { f, t, bytes } = useFilesWords();
  const [done, setDone] = useState<number | null>(null);
  const [told, setTold] = useState<{ good: boolean; text: string } | null>(null);
  const picture = usePicture(share.thumbnail);
  const save = async () => {
    setTold(null);
    setDone(0);
    try {
      const onProgress = (now: { done: number; total: number }) =>
        setDone(now.total ? now.done / now.total : 1);
      saveAs(await share.download({ onProgress }), share.name);
      setTold({ good: true, text: f.link.saved });
    } catch (error) {
      const isChanged = isTrackItError(error, "CRYPTO_OPEN_FAILED");
      setTold({ good: false, text: isChanged ? f.link.changed : describeFailure(error, t).text });
    }
    setDone(null);
  };
  return (
    <AuthLayout title={share.name} lead={[bytes(share.size), share.type].filter(Boolean).join(" · ")}>
      {picture && <img className="file-picture" src={picture} alt="" />}
      <p className="small quiet">{f.link.sealed}</p>
      <Button tone="primary" icon="download" wide busy={done !== null} onClick={() => void save()}>
        {done === null ? f.link.save : f.downloading}
      </Button>
      {done !== null && <Progress share={done} label={f.downloading} />}
      {told?.good && (
        <p role="status" className="notice">
          {told.text}
        </p>
      )}
      <Alert text={told && !told.good ? told.text : null} />
    </AuthLayout>
  );
}
