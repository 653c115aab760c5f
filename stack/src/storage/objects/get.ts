import type { Handler } from "../http/call.ts";
import { findAuthenticated, findPublic } from "./find.ts";
import { serve } from "./serve.ts";

/** GET, HEAD /object/public/BUCKET/NAME */
export const getPublic: Handler = async (call) => {
  await serve(call, () => findPublic(call), {});
  return null;
};

/** GET, HEAD /object/authenticated/BUCKET/NAME, and without "authenticated" */
export const getAuthenticated: Handler = async (call) => {
  await serve(call, () => findAuthenticated(call), { personal: true });
  return null;
};
