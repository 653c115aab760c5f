/** Choices that this browser keeps (theme, language). A browser that refuses storage forgets them, no more. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`trackit.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`trackit.${name}`);
    else localStorage.setItem(`trackit.${name}`, value);
  } catch {
    // Storage may be switched off or full; the choice then lasts until the page closes.
  }
}
