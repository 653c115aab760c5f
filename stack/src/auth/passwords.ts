import type { AuthContext } from "./context.ts";
import { AuthError, invalid } from "./errors.ts";
import type { Settings } from "./settings.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const SYMBOLS = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";

/** What config.toml's `password_requirements` stands for: at least one character of each set. */
export const REQUIREMENTS: Record<string, readonly string[]> = {
  "": [],
  letters_digits: [LOWER + UPPER, DIGITS],
  lower_upper_letters_digits: [LOWER, UPPER, DIGITS],
  lower_upper_letters_digits_symbols: [LOWER, UPPER, DIGITS, SYMBOLS],
};

/** bcrypt reads no further; a longer password would be cut without a word. */
const MAX_BYTES = 72;

/**
 * Refuses a password that the rules of config.toml do not allow.
 *
 * @throws weak_password (422) with reasons `length`, `characters`; validation_failed above 72 bytes
 */
export function checkPassword(settings: Settings, password: string): void {
  if (Buffer.byteLength(password) > MAX_BYTES) {
    throw invalid(`Password cannot be longer than ${MAX_BYTES} characters`);
  }
  const reasons: string[] = [];
  const messages: string[] = [];
  if ([...password].length < settings.passwordLength) {
    reasons.push("length");
    messages.push(`Password should be at least ${settings.passwordLength} characters.`);
  }
  const sets = REQUIREMENTS[settings.passwordRequirements] ?? [];
  if (sets.some((set) => ![...password].some((character) => set.includes(character)))) {
    reasons.push("characters");
    messages.push(`Password should contain at least one character of each: ${sets.join(", ")}.`);
  }
  if (reasons.length > 0) throw new AuthError(422, "weak_password", messages.join(" "), reasons);
}

/**
 * Hashed by Postgres, cost 10 as on hosted. Before any transaction, and a few at a time: a bcrypt takes a connection
 * for a tenth of a second, and refreshes must not queue behind a crowd that signs in.
 */
export function hashPassword({ sql, hashing }: AuthContext, password: string): Promise<string> {
  return hashing.run(async () => {
    const [row] = await sql<{ hash: string }[]>`
      select extensions.crypt(${password}::text, extensions.gen_salt('bf', 10)) as hash`;
    if (row === undefined) throw new Error("hashing a password returned no row, want one");
    return row.hash;
  });
}

// A hash of the same cost that no password has: unknown addresses take as long as known ones.
const DUMMY_HASH = "$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5B0F5sXcMBGLdGAGU0AsvKVnQ1wUe";

/** True when `password` is the one behind `hash`; as much work when there is none. */
export async function passwordMatches(
  { sql, hashing }: AuthContext,
  password: string,
  hash: string | null,
): Promise<boolean> {
  const known = hash !== null && hash !== "";
  const target = known ? hash : DUMMY_HASH;
  // Longer ones were never stored; replaced here, so that they are refused at equal cost.
  const candidate = Buffer.byteLength(password) > MAX_BYTES ? "" : password;
  const same = await hashing.run(async () => {
    const [row] = await sql<{ same: boolean }[]>`
      select extensions.crypt(${candidate}::text, ${target}) = ${target} as same`;
    return row?.same === true;
  });
  return known && candidate !== "" && same;
}
