import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * The part of the policy that holds wherever the build is served from; a server adds `connect-src` and the rest
 * by header. Only in builds: the development server writes a script into the page.
 */
const policy = [
  "script-src 'self' 'wasm-unsafe-eval'",
  "object-src 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const policyTag: Plugin = {
  name: "policy-tag",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
};

export default defineConfig({
  plugins: [react(), policyTag],
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
