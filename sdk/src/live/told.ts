/**
 * Calls a listener of the app. What it throws is the app's: it is shown where errors are shown that nobody catches,
 * and costs no other listener anything, nor a Node process its life.
 */
export function told(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
  }
}
