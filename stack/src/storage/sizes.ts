const powers = ["", "k", "m", "g", "t", "p"];

/**
 * A size as config.toml writes it: "50MiB", "50MB" and "50m" are the same, as for the CLI.
 * @returns bytes, or null where it is no size
 */
export function parseBinarySize(text: string): number | null {
  const [, amount, power = ""] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text) ?? [];
  return amount === undefined
    ? null
    : Math.floor(Number(amount) * 1024 ** powers.indexOf(power.toLowerCase()));
}

/**
 * A size as the API takes it: "20MB" is twenty million bytes.
 * @returns bytes, or null where it is no size
 */
export function parseDecimalSize(text: string): number | null {
  const [, amount, power = ""] = /^(\d+(?:\.\d+)?)([kmg]?)b$/i.exec(text) ?? [];
  return amount === undefined
    ? null
    : Math.floor(Number(amount) * 1000 ** powers.indexOf(power.toLowerCase()));
}
