import { execFileSync } from "node:child_process";

let able: boolean | null = null;

/**
 * Words in front of a command whose process must not outlive this one, however this one ends; none where the
 * system cannot do it.
 */
export function endTogether(): string[] {
  if (process.platform !== "linux") return [];
  able ??= canSetpriv();
  return able ? ["setpriv", "--pdeathsig=KILL", "--"] : [];
}

function canSetpriv(): boolean {
  try {
    execFileSync("setpriv", ["--pdeathsig=KILL", "--", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
