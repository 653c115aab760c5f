import { afterEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "./run.ts";

afterEach(() => vi.restoreAllMocks());

describe("runCommand()", () => {
  it.each([
    [["begin"], 'no command is called "begin"'],
    [["constructor"], 'no command is called "constructor"'],
    [["start", "--port", "many"], '--port is "many", want a whole number'],
    [["start", "--port", "70000"], '--port is "70000", want a whole number'],
    [["start", "--prot", "1"], "--prot"],
    [["start", "--ephemeral", "--data", "x"], "--ephemeral keeps no data"],
    [["backup"], "FILE is missing"],
    [["backup", "a", "b"], '"b" is one word too many, want FILE'],
    [["status", "now"], "now"],
  ])("%j: exit code 2 and what is wrong", async (words, reason) => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await runCommand(words)).toBe(2);
    expect(said.mock.calls.flat().join("")).toContain(reason);
  });

  it.each([[[]], [["help"]], [["stop", "--help"]]])("%j: the help, exit code 0", async (words) => {
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    expect(await runCommand(words)).toBe(0);
    expect(said.mock.calls.flat().join("")).toContain("trackit-stack: Supabase's API");
  });

  it("what did not work: exit code 1, one line without a stack trace", async () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await runCommand(["logs", "--data", "/nowhere/at/all"])).toBe(1);
    expect(said.mock.calls.flat().join("")).toBe(
      "trackit-stack: no log in /nowhere/at/all: no stack has run there\n",
    );
  });
});
