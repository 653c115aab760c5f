import type { Goal } from "@trackit/sdk";
import { dayField } from "../../data/due.ts";
import { useWords } from "../../i18n/language.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { PriorityField } from "../tasks/TaskFields.tsx";
import { colours, goalIcons } from "./look.ts";

interface GoalFieldsProps {
  goal: Goal | undefined;
  errors: Record<string, string>;
}

export function GoalFields({ goal, errors }: GoalFieldsProps) {
  const { t } = useWords();
  return (
    <>
      <TextField
        label={t.goals.name}
        name="title"
        placeholder={t.goals.namePlaceholder}
        required
        maxLength={200}
        autoComplete="off"
        defaultValue={goal?.title}
        error={errors.title}
      />
      <Field label={t.goals.description} name="description" error={errors.description} optional>
        {(control) => <textarea className="input" rows={3} defaultValue={goal?.description} {...control} />}
      </Field>
      <div className="pair">
        <TextField
          label={t.goals.dueDate}
          name="dueAt"
          type="date"
          defaultValue={goal?.dueAt ? dayField(new Date(goal.dueAt)) : ""}
          error={errors.dueAt}
        />
        <PriorityField value={goal?.priority ?? 0} error={errors.priority} />
      </div>
      <ColourField value={goal?.colour ?? "teal"} />
      <IconField value={goal?.icon ?? "target"} />
    </>
  );
}

function ColourField({ value }: { value: string }) {
  const { t } = useWords();
  return (
    <fieldset className="field">
      <legend className="label">{t.goals.colour}</legend>
      <div className="swatches">
        {colours.map((colour) => (
          <label key={colour} title={t.goals.colours[colour]} style={{ "--hue": `var(--${colour})` }}>
            <input type="radio" name="colour" value={colour} defaultChecked={colour === value} />
            <span className="swatch" />
            <span className="hidden">{t.goals.colours[colour]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function IconField({ value }: { value: string }) {
  const { t } = useWords();
  return (
    <fieldset className="field">
      <legend className="label">{t.goals.icon}</legend>
      <div className="swatches">
        {goalIcons.map((icon) => (
          <label key={icon} title={t.goals.icons[icon]}>
            <input type="radio" name="icon" value={icon} defaultChecked={icon === value} />
            <span className="swatch picture">
              <Icon name={icon} size={22} />
            </span>
            <span className="hidden">{t.goals.icons[icon]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
