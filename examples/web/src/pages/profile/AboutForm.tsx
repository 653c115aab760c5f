import type { Profile, ProfilePatch } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { languages, useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { UsernameField } from "../auth/UsernameField.tsx";

/** Name, username, language and time zone. */
export function AboutForm({ profile, onSaved }: { profile: Profile; onSaved(profile: Profile): void }) {
  const { t } = useWords();
  const client = useClient();
  const say = useToast();
  const form = useForm(async (data) => {
    const patch = profilePatch(data, profile);
    if (Object.keys(patch).length > 0)
      onSaved(await client.profiles.update(patch, { version: profile.version }));
    say(t.app.saved);
  });
  return (
    <section className="card stack" aria-label={t.profile.about}>
      <h2>{t.profile.about}</h2>
      <form className="stack" {...form.props}>
        <Alert text={form.alert} />
        <TextField
          label={t.auth.displayName}
          name="displayName"
          autoComplete="name"
          required
          maxLength={80}
          defaultValue={profile.displayName}
          error={form.errors.displayName}
        />
        <UsernameField current={profile.username} error={form.errors.username} />
        <div className="pair">
          <LocaleField value={profile.locale} error={form.errors.locale} />
          <TimeZoneField value={profile.timeZone} error={form.errors.timeZone} />
        </div>
        <Button type="submit" tone="primary" busy={form.busy}>
          {t.app.save}
        </Button>
      </form>
    </section>
  );
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
