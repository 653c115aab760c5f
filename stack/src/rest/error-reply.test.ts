import { expect, it } from "vitest";
import { isPostgresError } from "./error-reply.ts";

const error = (properties: object) => Object.assign(new Error("x"), properties);

it.each([
  ["a unique violation", error({ code: "23505", severity: "ERROR" }), true],
  ["a state of this project's own", error({ code: "TK001" }), true],
  ["a pipe that broke under a statement", error({ code: "EPIPE", syscall: "write", errno: -32 }), false],
  ["a connection that was reset", error({ code: "ECONNRESET", syscall: "read", errno: -104 }), false],
  ["an error without a code", error({}), false],
  ["something that is no error", { code: "23505" }, false],
])("%s", (_, thrown, expected) => {
  expect(isPostgresError(thrown)).toBe(expected);
});
