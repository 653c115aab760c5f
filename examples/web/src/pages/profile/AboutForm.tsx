import type { Profile, ProfilePatch } from "@trackit/sdk";
import { useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { differences, useVersions } from "../../data/useVersions.ts";
import { languages, useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { Meanwhile } from "../../ui/Meanwhile.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { UsernameField } from "../auth/UsernameField.tsx";

/** Name, username, language and time zone. What is being edited stays, whatever is changed elsewhere meanwhile. */
export function AboutForm({ profile, onSaved }: { profile: Profile; onSaved(profile: Profile): void }) {
  const { t } = useWords();
  const [base, setBase] = useState<Profile | null>(null);
  const shown = base ?? profile;
  return (
    <section className="card stack" aria-label={t.profile.about}>
      <h2>{t.profile.about}</h2>
      <EditForm
        key={shown.version}
        profile={shown}
        now={profile}
        onEdit={() => setBase(shown)}
        onDone={(row) => {
          setBase(null);
          onSaved(row);
        }}
      />
    </section>
  );
}

interface EditFormProps {
  /** The profile that the fields began with. */
  profile: Profile;
  /** The profile as it is by now. */
  now: Profile;
  onEdit(): void;
  onDone(profile: Profile): void;
}

function EditForm({ profile, now, onEdit, onDone }: EditFormProps) {
  const words = useWords();
  const { t } = words;
  const client = useClient();
  const say = useToast();
  const element = useRef<HTMLFormElement>(null);
  const edited = () => profilePatch(new FormData(element.current ?? undefined), profile);
  const { save, compare, conflict, ...decisions } = useVersions<Profile>(
    async (based) => {
      const patch = edited();
      return Object.keys(patch).length > 0
        ? client.profiles.update(patch, { version: based.version })
        : based;
    },
    (row, outcome) => {
      onDone(row);
      if (outcome === "written") say(t.app.saved);
    },
  );
  const form = useForm(() => save(profile));
  return (
    <form ref={element} className="stack" {...form.props} onChange={onEdit}>
      <Meanwhile show={now.version > profile.version} onCompare={() => compare(edited(), profile, now)} />
      <Alert text={form.alert} />
      <AboutFields profile={profile} errors={form.errors} />
      <Button type="submit" tone="primary" busy={form.busy}>
        {t.app.save}
      </Button>
      {conflict && <ConflictDialog rows={differences(conflict, profileValues(words))} {...decisions} />}
    </form>
  );
}

function AboutFields({ profile, errors }: { profile: Profile; errors: Record<string, string> }) {
  const { t } = useWords();
  return (
    <>
      <TextField
        label={t.auth.displayName}
        name="displayName"
        autoComplete="name"
        required
        maxLength={80}
        defaultValue={profile.displayName}
        error={errors.displayName}
      />
      <UsernameField current={profile.username} error={errors.username} />
      <div className="pair">
        <LocaleField value={profile.locale} error={errors.locale} />
        <TimeZoneField value={profile.timeZone} error={errors.timeZone} />
      </div>
    </>
  );
}

/** How the fields of a profile are named and written where two versions stand side by side. */
function profileValues({ t }: ReturnType<typeof useWords>) {
  const languageOf = (locale = "") => languages.find(({ code }) => code === locale)?.name ?? locale;
  return {
    displayName: { name: t.auth.displayName, text: (row: Partial<Profile>) => row.displayName ?? "" },
    username: { name: t.auth.username, text: (row: Partial<Profile>) => row.username ?? "" },
    locale: { name: t.profile.mailLanguage, text: (row: Partial<Profile>) => languageOf(row.locale) },
    timeZone: { name: t.profile.timeZone, text: (row: Partial<Profile>) => row.timeZone ?? "" },
  };
}

function profilePatch(data: FormData, profile: Profile): ProfilePatch {
  const displayName = text(data, "displayName").trim();
  const username = text(data, "username").trim();
  const locale = text(data, "locale");
  const timeZone = text(data, "timeZone");
  const patch: ProfilePatch = {};
  if (displayName !== profile.displayName) patch.displayName = displayName;
  if (username !== profile.username) patch.username = username;
  if (locale !== profile.locale) patch.locale = locale;
  if (timeZone !== profile.timeZone) patch.timeZone = timeZone;
  return patch;
}

function LocaleField({ value, error }: { value: string; error: string | undefined }) {
  const { t } = useWords();
  const known = languages.some(({ code }) => code === value);
  return (
    <Field label={t.profile.mailLanguage} name="locale" error={error}>
      {(control) => (
        <select className="input" defaultValue={value} {...control}>
          {!known && <option value={value}>{value}</option>}
          {languages.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function TimeZoneField({ value, error }: { value: string; error: string | undefined }) {
  const { t } = useWords();
  const zones = [...new Set([value, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return (
    <Field label={t.profile.timeZone} name="timeZone" error={error}>
      {(control) => (
        <select className="input" defaultValue={value} {...control}>
          {zones.map((zone) => (
            <option key={zone} value={zone}>
              {zone.replaceAll("_", " ")}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
