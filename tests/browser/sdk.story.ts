import path from "node:path";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { AuthEvent, Remember, TrackIt } from "../../sdk/src/index.ts";
import { root } from "../support/stack.ts";
import { eventually, type House } from "./house.ts";

interface Heard {
  event: AuthEvent;
  email: string | null;
}

declare global {
  interface Window {
    trackit: TrackIt;
    /** What the SDK's listener has heard. */
    heard: Heard[];
    /** The same of the raw client underneath. */
    raw: (string | null)[];
  }
}

/** The built SDK on an empty page of the app's origin, as many tabs as a browser has. */
export function sdkStory(house: () => House): void {
  test("ben's session in his own tab is never heard of in ada's, and leaves no way into hers", async () => {
    const [ada, ben] = [await house().person("tabs-ada"), await house().person("tabs-ben")];
    const visit = await house().visit();
    const [hers, his] = [await openSdk(house(), visit.page), await openSdk(house(), await visit.tab())];
    await signIn(hers, ada, "device");
    await his.reload();
    expect(await emailIn(his)).toBe(ada.email);

    await signIn(his, ben, "tab");
    expect(await emailIn(his)).toBe(ben.email);
    expect(await emailIn(hers)).toBe(ada.email);
    await his.evaluate(() => window.trackit.auth.signOut());
    expect(await emailIn(his)).toBeNull();
    await his.reload();
    expect(await emailIn(his)).toBeNull();
    expect(await emailIn(hers)).toBe(ada.email);

    const all = await hers.evaluate(() => [...window.heard.map(({ email }) => email), ...window.raw]);
    expect(all).toContain(ada.email);
    expect(all).not.toContain(ben.email);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });

  test("a tab that relies on the device is told when another signs in, out, or in as somebody else", async () => {
    const [ada, ben] = [await house().person("device-ada"), await house().person("device-ben")];
    const visit = await house().visit();
    const [one, two] = [await openSdk(house(), visit.page), await openSdk(house(), await visit.tab())];
    const last = () => one.evaluate(() => window.heard.at(-1));
    await signIn(two, ada, "device");
    await eventually(last).toEqual({ event: "signedIn", email: ada.email });
    await signIn(two, ben, "device");
    await eventually(last).toEqual({ event: "signedIn", email: ben.email });
    await two.evaluate(() => window.trackit.auth.signOut());
    await eventually(last).toEqual({ event: "signedOut", email: null });
    await visit.close();
  });
}

export async function openSdk(house: House, page: Page): Promise<Page> {
  const bundled = await build({
    entryPoints: [path.join(root, "sdk/dist/index.js")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "sdk",
    platform: "browser",
    logLevel: "silent",
  });
  const { API_URL, PUBLISHABLE_KEY } = house.stack.env;
  const script = `${bundled.outputFiles[0]?.text}
    window.trackit = sdk.createTrackIt(${JSON.stringify({ url: API_URL, key: PUBLISHABLE_KEY })});
    window.heard = [];
    window.raw = [];
    trackit.auth.onChange((event, session) => heard.push({ event, email: session?.user.email ?? null }));
    trackit.supabase.auth.onAuthStateChange((_, session) => void raw.push(session?.user.email ?? null));`;
  // On a real file of this origin (a page made up by the test counts as a foreign network) that has no scripts.
  await page.addInitScript({ content: script });
  await page.goto(`${house.web}/app.webmanifest`);
  return page;
}

export function signIn(
  page: Page,
  { email, password }: { email: string; password: string },
  remember: Remember,
): Promise<unknown> {
  return page.evaluate((input) => window.trackit.auth.signIn(input), { email, password, remember });
}

function emailIn(page: Page): Promise<string | null> {
  return page.evaluate(async () => (await window.trackit.auth.session())?.user.email ?? null);
}
