/** Longest folder whose socket's path (`/.s.PGSQL.26432.lock` behind it) fits the 107 bytes that Linux allows. */
const longest = 84;

/** Where the server's Unix socket lies, or null when the path is too long: then there is TCP alone. */
export function socketFolder(folder: string): string | null {
  // A comma would separate two folders.
  const fits = Buffer.byteLength(folder) <= longest && !folder.includes(",") && !folder.includes('"');
  return process.platform !== "win32" && fits ? folder : null;
}
