import { expect, test } from "vitest";
import { fittingName, plainName } from "./names.ts";

test("a name that would be read from right to left shows what it is", () => {
  expect(plainName("photo\u202egpj.exe")).toBe("photo\ufffdgpj.exe");
  expect(plainName("عربي ملف.pdf 👩‍👧")).toBe("عربي ملف.pdf 👩‍👧");
});

test("a device's name is made to fit: no slashes, at most 255 bytes, and its end is kept", () => {
  expect(fittingName("a\\b/c\n.txt")).toBe("a_b_c_.txt");
  expect(fittingName("e\u0301.txt")).toBe("é.txt");
  const long = fittingName(`${"😀".repeat(200)}.jpeg`);
  expect(long).toBe(`${"😀".repeat(62)}.jpeg`);
  expect(fittingName("x".repeat(300))).toHaveLength(255);
});
