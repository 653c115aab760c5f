import { describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory.ts";
import type { KeyValue } from "../store/types.ts";
import type { Remember } from "./types.ts";
import { SessionVault } from "./vault.ts";

const session = (user: string, token = "t"): string =>
  JSON.stringify({ access_token: token, user: { id: user } });

/** One browser: a device, and tabs that each have a storage of their own and may be reloaded. */
function browser() {
  const device = memoryStore();
  const newTab = (tab: KeyValue = memoryStore(), fallback: Remember = "device") => {
    const vault = new SessionVault({ name: "trackit-x", fallback, device, tab });
    return {
      vault,
      signIn: (user: string, choice?: Remember) =>
        vault.signingIn(choice, () => vault.setItem(vault.tabKey, session(user))),
      signOut: () => vault.removeItem(vault.tabKey),
      async user(): Promise<string | null> {
        const kept = await vault.getItem(vault.tabKey);
        return kept === null ? null : (JSON.parse(kept).user.id as string);
      },
      reload: () => newTab(tab, fallback),
    };
  };
  return { device, newTab };
}

describe("the session vault", () => {
  it("device: every tab is signed in, and stays so after a reload", async () => {
    const { newTab } = browser();
    const tab = newTab();
    await tab.signIn("ada", "device");
    expect(await tab.reload().user()).toBe("ada");
    expect(await newTab().user()).toBe("ada");
  });

  it("tab: this tab alone, also after a reload; the device holds nothing", async () => {
    const { newTab, device } = browser();
    const tab = newTab();
    await tab.signIn("ada", "tab");
    expect(await tab.reload().user()).toBe("ada");
    expect(await newTab().user()).toBeNull();
    expect(await device.get("trackit-x")).toBeNull();
  });

  it("never: gone with the page, and nothing is written anywhere", async () => {
    const { newTab, device } = browser();
    const storage = memoryStore();
    const tab = newTab(storage);
    await tab.signIn("ada", "never");
    expect(await tab.user()).toBe("ada");
    expect(await device.get("trackit-x")).toBeNull();
    expect(await storage.get("trackit-x")).toBeNull();
    expect(await tab.reload().user()).toBeNull();
  });

  it("ben, in a tab of his own, never sees ada's session on the device: not before, not after signing out", async () => {
    const { newTab } = browser();
    await newTab().signIn("ada", "device");
    for (const choice of ["tab", "never"] as const) {
      const tab = newTab();
      await tab.signIn("ben", choice);
      expect(await tab.user()).toBe("ben");
      await tab.signOut();
      expect(await tab.user()).toBeNull();
      expect(await tab.reload().user()).toBeNull();
    }
    expect(await newTab().user()).toBe("ada");
  });

  it("ada, who no longer wants to be remembered, is forgotten by the device", async () => {
    const { newTab, device } = browser();
    await newTab().signIn("ada", "device");
    const tab = newTab();
    await tab.signIn("ada", "tab");
    expect(await device.get("trackit-x")).toBeNull();
    expect(await tab.user()).toBe("ada");
  });

  it("a sign-in that fails changes nothing about where the present session is", async () => {
    const { newTab } = browser();
    const tab = newTab();
    await tab.signIn("ada", "device");
    const failing = tab.vault.signingIn("never", () => Promise.reject(new Error("wrong password")));
    await expect(failing).rejects.toThrow("wrong password");
    expect(await tab.reload().user()).toBe("ada");
    await tab.vault.setItem(tab.vault.tabKey, session("ada", "refreshed"));
    expect(await tab.vault.choice()).toBe("device");
  });

  it("moving takes the session along and leaves nothing behind", async () => {
    const { newTab, device } = browser();
    const tab = newTab();
    await tab.signIn("ada", "device");
    await tab.vault.move("tab");
    expect(await device.get("trackit-x")).toBeNull();
    expect(await tab.reload().user()).toBe("ada");
    await tab.vault.move("device");
    expect(await newTab().user()).toBe("ada");
    await tab.vault.move("never");
    expect(await tab.user()).toBe("ada");
    expect(await newTab().user()).toBeNull();
  });

  it("a project that asks for tabs by default still finds what somebody left on the device", async () => {
    const { newTab } = browser();
    await newTab(memoryStore(), "tab").signIn("ada", "device");
    expect(await newTab(memoryStore(), "tab").user()).toBe("ada");
    const fresh = browser();
    await fresh.newTab(memoryStore(), "tab").signIn("ada");
    expect(await fresh.newTab(memoryStore(), "tab").user()).toBeNull();
  });

  it("a confirmed change of address stays where this tab keeps its session, and so does a recovery", async () => {
    const { newTab, device } = browser();
    for (const choice of ["tab", "never"] as const) {
      const tab = newTab();
      await tab.signIn("ada", choice);
      await tab.signIn("ada");
      expect(await tab.user()).toBe("ada");
      expect(await device.get("trackit-x")).toBeNull();
      await tab.signOut();
      await tab.signIn("ada");
      expect(await device.get("trackit-x")).toBeNull();
    }
  });

  it("tabs have storage keys of their own, so that no news of sessions passes between them", () => {
    const { newTab } = browser();
    expect(newTab().vault.tabKey).not.toBe(newTab().vault.tabKey);
  });
});
