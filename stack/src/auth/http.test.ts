import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { email, readBody } from "./http.ts";

describe("an address", () => {
  it.each([
    ["Ada@Example.COM", "ada@example.com"],
    ["  ada@example.com ", "ada@example.com"],
    ["ada+goals@sub.example.co", "ada+goals@sub.example.co"],
    ["o'hara@example.com", "o'hara@example.com"],
    ["josé@exämple.com", "josé@exämple.com"],
  ])("%j is kept as %j", (given, kept) => {
    expect(email(given)).toBe(kept);
  });

  it.each([
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@localhost",
    "ada@example..com",
    "ada@.example.com",
    "ada@example.com.",
    "ada@-example.com",
    "a@b@example.com",
    "ada lovelace@example.com",
    "ada\n@example.com",
    "ada@example.com\r\nbcc:eve@example.com",
    "<ada@example.com>",
    "ada,eve@example.com",
    '"ada"@example.com',
    "ada\u202e@example.com",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a".repeat(250)}.com`,
  ])("%j is refused", (given) => {
    expect(() => email(given)).toThrow(/email address/);
  });

  it("stays the same when it is folded again", () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        let folded: string;
        try {
          folded = email(address);
        } catch {
          return;
        }
        expect(email(folded)).toBe(folded);
      }),
    );
  });
});

describe("a body", () => {
  const read = (body: string) => readBody(new Request("http://stack/", { method: "POST", body }));

  it("is an object or nothing", async () => {
    expect(await read('{"a":1}')).toEqual({ a: 1 });
    expect(await read("")).toEqual({});
    for (const body of ["[]", "1", '"x"', "{", "email=ada"]) {
      await expect(read(body)).rejects.toMatchObject({ status: 400, code: "bad_json" });
    }
  });

  it("holds nothing that Postgres cannot store: U+0000, half a surrogate pair", async () => {
    await expect(read('{"data":{"a":"x\\u0000"}}')).rejects.toMatchObject({ code: "bad_json" });
    await expect(read('{"data":{"\\u0000":1}}')).rejects.toMatchObject({ code: "bad_json" });
    await expect(read('{"a":"\\ud800"}')).rejects.toMatchObject({ code: "bad_json" });
    expect(await read('{"a":"\\ud83d\\ude00"}')).toEqual({ a: "😀" });
    expect(await read('{"a":"\\\\u0000"}')).toEqual({ a: "\\u0000" });
  });
});
