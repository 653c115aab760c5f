type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const rules = new Map<string, Intl.PluralRules>();

/** Picks the form for `n` in `language` and puts the number where `#` stands. */
export function plural(language: string, n: number, forms: Forms): string {
  let rule = rules.get(language);
  if (!rule) {
    rule = new Intl.PluralRules(language);
    rules.set(language, rule);
  }
  return (forms[rule.select(n)] ?? forms.other).replace("#", new Intl.NumberFormat(language).format(n));
}
