const utf8 = new TextEncoder();

/** A name as files may have it here: on a device it may hold slashes of another system, and be longer. */
export function fittingName(name: string, most = 255): string {
  const signs = [...name.normalize("NFC")];
  const plain = signs.map((sign) => (sign < " " || "/\\\x7f".includes(sign) ? "_" : sign)).join("");
  const size = (text: string): number => utf8.encode(text).length;
  if (size(plain) <= most) return plain;
  const end = /\.[^.]{1,16}$/.exec(plain)?.[0] ?? "";
  const letters = [...plain.slice(0, plain.length - end.length)];
  while (size(letters.join("") + end) > most) letters.pop();
  return letters.join("") + end;
}

/** Signs that turn the order of what stands around them: "photo[RLO]gpj.exe" would be read as "photoexe.jpg". */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** A name that somebody else has chosen, as it really is: what would turn its letters is seen instead of obeyed. */
export function plainName(name: string): string {
  return name.replace(TURNING, "\ufffd");
}
