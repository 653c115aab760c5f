import { stdout } from "node:process";

/** Tells of a transfer: on a terminal in one line that changes, elsewhere at each tenth. */
export function progress(what: string): (now: { done: number; total: number }) => void {
  let told = -1;
  return ({ done, total }) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    const step = stdout.isTTY ? percent : Math.floor(percent / 10) * 10;
    if (step === told) return;
    told = step;
    const line = `${what} ${step} % of ${megabytes(total)}`;
    stdout.write(stdout.isTTY ? `\r${line}${percent === 100 ? "\n" : ""}` : `${line}\n`);
  };
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${bytes} bytes` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
