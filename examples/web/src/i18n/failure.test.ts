import { ERROR_CODES, TrackItError } from "@trackit/sdk";
import { expect, test } from "vitest";
import { en } from "./en.ts";
import { describeFailure } from "./failure.ts";
import { pt } from "./pt.ts";

test("every code of the SDK has words in both languages", () => {
  for (const code of ERROR_CODES) {
    const error = new TrackItError(code, "english");
    expect(describeFailure(error, en).text, code).toBe(en.errors[code]);
    expect(describeFailure(error, pt).text, code).not.toBe(en.errors[code]);
  }
});

test("a field's own rule is told where the dictionary knows it, and the field is kept", () => {
  const error = new TrackItError("USAGE_INVALID", "no", { field: "title" });
  expect(describeFailure(error, pt)).toMatchObject({ field: "title", text: pt.invalid.title });
});

test("a code about one field finds it where the error names none; a wait is told in seconds", () => {
  expect(describeFailure(new TrackItError("CONFLICT_USERNAME_TAKEN", "no"), en).field).toBe("username");
  const limited = new TrackItError("LIMIT_RATE", "no", { retryAfter: 1 });
  expect(describeFailure(limited, en).text).toContain("Wait 1 second.");
  expect(describeFailure(new Error("secret detail"), en).text).toBe(en.errors.unknown);
});
