interface ChoicesProps<Value extends string> {
  legend: string;
  name: string;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChange(value: Value): void;
  hideLegend?: boolean;
}

/** One of a few, all in sight: a radio group drawn as a strip. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { legend, name, options, value, onChange, hideLegend } = props;
  return (
    <fieldset className="field">
      <legend className={hideLegend ? "hidden" : "label"}>{legend}</legend>
      <div className="choices">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
