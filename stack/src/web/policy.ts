/**
 * The app's content security policy: code from its own origin alone (and WebAssembly of it), connections to
 * itself and the API alone, no framing, and DOM sinks that take no text (Trusted Types, whose one policy vouches for
 * the address of the SDK's keystore worker and for nothing else).
 * @param apiUrl the API's origin; its WebSocket twin is allowed as well
 */
export function contentSecurityPolicy(apiUrl: string): string {
  const { origin, host, protocol } = new URL(apiUrl);
  const socket = `${protocol === "https:" ? "wss" : "ws"}://${host}`;
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    `img-src 'self' data: blob: ${origin}`,
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `connect-src 'self' ${origin} ${socket}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types trackit-keystore",
  ].join("; ");
}
