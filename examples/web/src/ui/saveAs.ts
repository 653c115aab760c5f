import { plainName } from "./names.ts";

/** Hands a file to the browser's downloads. */
export function saveAs(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download: plainName(name) }).click();
  // The click only begins it.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
