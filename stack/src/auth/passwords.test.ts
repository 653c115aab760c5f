import { describe, expect, it } from "vitest";
import { AuthError } from "./errors.ts";
import { checkPassword } from "./passwords.ts";
import type { Settings } from "./settings.ts";

function refusal(passwordRequirements: string, password: string, passwordLength = 8): AuthError | null {
  try {
    checkPassword({ passwordLength, passwordRequirements } as Settings, password);
    return null;
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
}

describe("a password", () => {
  it.each([
    ["", "anything at all", []],
    ["", "short", ["length"]],
    ["letters_digits", "only letters", ["characters"]],
    ["letters_digits", "12345678", ["characters"]],
    ["letters_digits", "letters 1", []],
    ["lower_upper_letters_digits", "letters 1", ["characters"]],
    ["lower_upper_letters_digits", "Letters 1", []],
    ["lower_upper_letters_digits_symbols", "Letters 1", ["characters"]],
    ["lower_upper_letters_digits_symbols", "Letters_1", []],
    ["lower_upper_letters_digits_symbols", "", ["length", "characters"]],
    // Eight characters, whatever their bytes.
    ["", "éàüöñçßø", []],
  ])("under %j: %j is refused for %j", (requirements, password, reasons) => {
    const error = refusal(requirements, password);
    expect(error?.reasons ?? []).toEqual(reasons);
    if (error !== null) expect([error.status, error.code]).toEqual([422, "weak_password"]);
  });

  it("has at most 72 bytes, since bcrypt reads no further", () => {
    expect(refusal("", "x".repeat(72))).toBeNull();
    expect(refusal("", "x".repeat(73))).toMatchObject({ status: 400, code: "validation_failed" });
    expect(refusal("", "é".repeat(37))).toMatchObject({ status: 400 });
  });
});
