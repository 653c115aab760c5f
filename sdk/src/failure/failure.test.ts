import {
  AuthApiError,
  AuthRetryableFetchError,
  AuthSessionMissingError,
  AuthWeakPasswordError,
} from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, isTrackItError, isVersionConflict, TrackItError } from "../errors.ts";
import { fromAuth } from "./auth.ts";
import { fromDatabase } from "./database.ts";
import { fromNetwork } from "./network.ts";

const database = (
  failure: { message: string; code?: string; details?: string; hint?: string },
  status = 400,
) => fromDatabase(failure, status, "goals.create");

describe("refusals of the database", () => {
  it("of our own carry code, field, value, rule and hint from the message and its DETAIL", () => {
    const error = database({
      code: "TK301",
      message: "CONFLICT_TITLE_TAKEN: another open goal is called 'Run'",
      details: '{"field": "title", "value": "Run", "rule": "unique", "proposed": "Run (2)"}',
      hint: "'Run (2)' is free",
    });
    expect(error).toMatchObject({
      code: "CONFLICT_TITLE_TAKEN",
      message: "goals.create: another open goal is called 'Run'",
      field: "title",
      value: "Run",
      rule: "unique",
      hint: "'Run (2)' is free",
      details: { proposed: "Run (2)" },
    });
  });

  it("name nested and snake-cased fields as the SDK does", () => {
    const named = (field: string) =>
      database({ code: "TK401", message: "USAGE_REFERENCE: no", details: JSON.stringify({ field }) }).field;
    expect(named("goal_id")).toBe("goalId");
    expect(named("tasks.0.parent_id")).toBe("tasks.0.parentId");
  });

  it.each([
    [
      "23505",
      'duplicate key value violates unique constraint "goals_owner_title_open_key"',
      409,
      "CONFLICT_TITLE_TAKEN",
      "title",
    ],
    [
      "23505",
      'duplicate key value violates unique constraint "profiles_username_key"',
      409,
      "CONFLICT_USERNAME_TAKEN",
      "username",
    ],
    ["23505", 'duplicate key value violates unique constraint "tasks_pkey"', 409, "CONFLICT_ID", "id"],
    [
      "23505",
      'duplicate key value violates unique constraint "other_key"',
      409,
      "CONFLICT_DUPLICATE",
      undefined,
    ],
    [
      "23514",
      'new row for relation "goals" violates check constraint "goals_colour_format"',
      400,
      "USAGE_INVALID",
      "colour",
    ],
    [
      "23514",
      'new row for relation "goals" violates check constraint "goals_starts_on_range"',
      400,
      "USAGE_INVALID",
      "startsOn",
    ],
    [
      "23514",
      'new row for relation "tasks" violates check constraint "tasks_tags_plain"',
      400,
      "USAGE_INVALID",
      "tags",
    ],
    [
      "23514",
      'value for domain plain_line violates check constraint "plain_line_no_markup"',
      400,
      "USAGE_INVALID",
      undefined,
    ],
    [
      "23503",
      'insert or update on table "tasks" violates foreign key constraint "tasks_goal_id_fkey"',
      409,
      "USAGE_REFERENCE",
      "goalId",
    ],
    [
      "23502",
      'null value in column "title" of relation "goals" violates not-null constraint',
      400,
      "USAGE_INVALID",
      "title",
    ],
    ["22P02", 'invalid input syntax for type uuid: "x"', 400, "USAGE_INVALID", undefined],
    ["42501", "permission denied for table goals", 401, "AUTH_REQUIRED", undefined],
    [
      "42501",
      'new row violates row-level security policy for table "goals"',
      403,
      "ACCESS_DENIED",
      undefined,
    ],
    ["40001", "could not serialize access", 409, "CONFLICT_BUSY", undefined],
    ["57014", "canceling statement due to statement timeout", 500, "NETWORK_TIMEOUT", undefined],
    ["PGRST301", "JWT expired", 401, "AUTH_REQUIRED", undefined],
    ["PGRST116", "no rows", 406, "ACCESS_NOT_FOUND", undefined],
    ["PGRST204", "Could not find the 'x' column", 400, "USAGE_REQUEST", undefined],
    ["", "Too many requests", 429, "LIMIT_RATE", undefined],
    ["", "Payload too large", 413, "LIMIT_SIZE", undefined],
    ["", "Bad gateway", 502, "NETWORK_SERVER", undefined],
    ["XX000", "internal error", 500, "NETWORK_SERVER", undefined],
  ])("%s %s with status %i is %s", (code, message, status, expected, field) => {
    expect(database({ code, message }, status)).toMatchObject({ code: expected, field, status });
  });

  it("a coded message that is no code of ours is not taken for one", () => {
    expect(database({ code: "P0001", message: "HELLO_WORLD: made up" }).code).toBe("USAGE_REQUEST");
  });

  it.each([
    ["PGRST202", 404],
    ["PGRST204", 400],
    ["PGRST205", 404],
  ])("%s says that the migrations are missing", (code, status) => {
    const error = database({ code, message: "Could not find it in the schema cache" }, status);
    expect(error).toMatchObject({ code: "USAGE_REQUEST", hint: expect.stringContaining("db push") });
  });

  it.each([
    [404, "no Route matched with those values"],
    [404, undefined as unknown as string],
    [405, "GET and HEAD only"],
    [200, "<!doctype html>"],
  ])("an answer %i without a code is some other server's", (status, message) => {
    expect(database({ message }, status)).toMatchObject({
      code: "NETWORK_SERVER",
      message: `goals.create: no Supabase API answers there (HTTP ${status})`,
      hint: expect.stringContaining("url"),
    });
  });

  it("a rate limit says how long to wait", () => {
    const failure = { code: "TK004", message: "LIMIT_RATE: too often", hint: "retry after 42 s" };
    expect(database(failure, 400)).toMatchObject({ code: "LIMIT_RATE", retryAfter: 42 });
  });
});

describe("refusals of Auth", () => {
  it.each([
    ["invalid_credentials", 400, "AUTH_CREDENTIALS"],
    ["current_password_invalid", 400, "AUTH_CREDENTIALS"],
    ["email_not_confirmed", 400, "AUTH_EMAIL_UNCONFIRMED"],
    ["otp_expired", 403, "AUTH_CODE_INVALID"],
    ["same_password", 422, "AUTH_PASSWORD_SAME"],
    ["user_banned", 403, "AUTH_SUSPENDED"],
    ["session_not_found", 403, "AUTH_REQUIRED"],
    ["email_exists", 422, "CONFLICT_EMAIL_TAKEN"],
    ["reauthentication_needed", 400, "AUTH_REAUTHENTICATION"],
    ["insufficient_aal", 401, "AUTH_SECOND_FACTOR"],
    ["a_code_of_tomorrow", 422, "USAGE_REQUEST"],
    ["a_code_of_tomorrow", 500, "NETWORK_SERVER"],
  ])("%s with status %i is %s", (code, status, expected) => {
    expect(fromAuth(new AuthApiError("text", status, code), "auth.signIn")).toMatchObject({
      code: expected,
      status,
    });
  });

  it("of the sign-up hook are as good as the database's own", () => {
    const text = "USAGE_INVALID: username 'ad.min' is reserved (wanted: a name that is not reserved)";
    expect(fromAuth(new AuthApiError(text, 422, "hook_payload_invalid"), "auth.signUp")).toMatchObject({
      code: "USAGE_INVALID",
      field: "username",
      rule: "a name that is not reserved",
    });
    expect(
      fromAuth(new AuthApiError("CONFLICT_USERNAME_TAKEN: taken", 409, "x"), "auth.signUp"),
    ).toMatchObject({
      code: "CONFLICT_USERNAME_TAKEN",
      field: "username",
    });
  });

  it("tell a weak password's reasons, a missing session and a wait", () => {
    const weak = new AuthWeakPasswordError("too weak", 422, ["length", "characters"]);
    expect(fromAuth(weak, "auth.signUp")).toMatchObject({
      code: "AUTH_PASSWORD_WEAK",
      rule: "too weak (length, characters)",
    });
    expect(fromAuth(new AuthSessionMissingError(), "auth.user").code).toBe("AUTH_REQUIRED");
    const often = new AuthApiError(
      "you can only request this after 42 seconds.",
      429,
      "over_email_send_rate_limit",
    );
    expect(fromAuth(often, "auth.resend")).toMatchObject({ code: "LIMIT_RATE", retryAfter: 42 });
  });

  it("name sets of characters by their ranges", () => {
    const text = "one of each: abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789.";
    const { message, rule } = fromAuth(new AuthWeakPasswordError(text, 422, []), "auth.signUp");
    expect(message).toBe("auth.signUp: one of each: a-zA-Z, 0-9.");
    expect(rule).toBe("one of each: a-zA-Z, 0-9.");
  });

  it("with 404 and no code are some other server's", () => {
    const error = fromAuth(new AuthApiError("404 page not found", 404, undefined), "auth.signIn");
    expect(error).toMatchObject({ code: "NETWORK_SERVER", hint: expect.stringContaining("url") });
    expect(fromAuth(new AuthApiError("gone", 404, "mfa_factor_not_found"), "a").code).toBe("AUTH_FACTOR");
  });

  it("without an answer are the network's", () => {
    expect(fromAuth(new AuthRetryableFetchError("fetch failed", 0), "auth.signIn").code).toBe(
      "NETWORK_OFFLINE",
    );
    expect(fromAuth(new AuthRetryableFetchError("bad gateway", 502), "auth.signIn").code).toBe(
      "NETWORK_SERVER",
    );
    expect(fromAuth(new DOMException("timeout", "TimeoutError"), "auth.signIn").code).toBe("NETWORK_TIMEOUT");
  });
});

describe("the network", () => {
  it("tells a given-up call from a slow server and from no server", () => {
    const stop = new AbortController();
    stop.abort();
    expect(fromNetwork(new Error("x"), "a", stop.signal).code).toBe("NETWORK_ABORTED");
    expect(fromNetwork({ message: "TimeoutError: timeout" }, "a").code).toBe("NETWORK_TIMEOUT");
    expect(fromNetwork({ message: "AbortError: The operation was aborted" }, "a").code).toBe(
      "NETWORK_ABORTED",
    );
    expect(fromNetwork(new TypeError("fetch failed"), "a").code).toBe("NETWORK_OFFLINE");
  });
});

describe("TrackItError", () => {
  it("is told apart by code, and crosses a worker as JSON without its cause", () => {
    const error: unknown = new TrackItError("LIMIT_GOALS", "full", { cause: new Error("x"), field: "goals" });
    expect(isTrackItError(error)).toBe(true);
    expect(isTrackItError(error, "LIMIT_GOALS")).toBe(true);
    expect(isTrackItError(error, "LIMIT_TASKS")).toBe(false);
    expect(isVersionConflict(error)).toBe(false);
    expect(isTrackItError(new Error("x"))).toBe(false);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "TrackItError",
      code: "LIMIT_GOALS",
      message: "full",
      field: "goals",
    });
  });

  it("has codes of seven families, each once", () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
    for (const code of ERROR_CODES)
      expect(code).toMatch(/^(USAGE|AUTH|ACCESS|LIMIT|CONFLICT|NETWORK|CRYPTO|FILE)_[A-Z_]+$/);
  });
});
