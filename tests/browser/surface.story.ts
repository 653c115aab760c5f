import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { desktop, eventually, type House, overflow, phone } from "./house.ts";

const paths = ["/tasks", "/goals", "/chat", "/files", "/activity", "/profile"];
const guestPaths = [
  "/sign-in",
  "/register",
  "/forgot",
  "/recover?email=a@b.test",
  "/auth/confirm?email=a@b.test",
  "/s",
];

const widths = [320, phone.width, 768, desktop.width];

/** How many pixels the navigation is wider than its place, which no scrolling brings back. */
function hiddenOfNavigation(page: Page): Promise<number> {
  return page.evaluate(() => {
    const bar = document.querySelector(".nav");
    return bar ? bar.scrollWidth - bar.clientWidth : 0;
  });
}

/** Fails where a page is wider than its window, at any width. */
async function expectToFit(page: Page, what: string): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    expect(await overflow(page), `${what} at ${width} pixels`).toBeLessThanOrEqual(0);
    expect(await hiddenOfNavigation(page), `navigation of ${what} at ${width} pixels`).toBeLessThanOrEqual(0);
  }
}

/** Fails where something that can be used has no name for those who cannot see it, or a page has no heading. */
async function expectNames(page: Page, what: string): Promise<void> {
  const tree = await page.locator("body").ariaSnapshot();
  const usable =
    /^\s*- (?:button|link|textbox|searchbox|checkbox|combobox|radio|tab|dialog|img)(?![\w ]* ")[^"\n]*$/gm;
  expect(tree.match(usable) ?? [], what).toEqual([]);
  expect(await page.getByRole("heading", { level: 1 }).count(), `${what}: headings of level 1`).toBe(1);
}

/** How the pages stand on screens and against markup. */
export function surfaceStory(house: () => House): void {
  test("every page in front of the sign-in fits every width, and everything on it has a name", async () => {
    const { page, faults, close } = await house().visit({ locale: "pt-BR" });
    for (const path of guestPaths) {
      await page.goto(house().web + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expectNames(page, path);
      await expectToFit(page, path);
    }
    expect(faults).toEqual([]);
    await close();
  });

  test("so does every page behind it, whatever long words are in it", async () => {
    const ada = await house().person("long-winded");
    const { page, faults, close } = await house().visitAs(ada, { locale: "pt-BR", colorScheme: "dark" });
    await page.locator(".quick input[name=title]").fill(`${"long".repeat(40)} #${"tag".repeat(16)} !3`);
    await page.getByRole("button", { name: "Adicionar", exact: true }).click();
    await page.locator(".task-title").click();
    await page.locator(".task-detail form").first().waitFor();
    await expectNames(page, "an open task");
    await expectToFit(page, "an open task");
    for (const path of paths) {
      await page.goto(house().web + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await eventually(() => page.locator(".skeleton").count()).toBe(0);
      await expectNames(page, path);
      await expectToFit(page, path);
    }
    expect(faults).toEqual([]);
    await close();
  });

  test("eve's markup in a task, a tag, a goal and a name stays text", async () => {
    const eve = await house().person("eve");
    const canary = "<img src=x onerror=\"document.title='owned'\"> & <b>bold</b>";
    const { page, faults, close } = await house().visitAs(eve);
    await page.getByLabel("Add a task").fill(canary);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.locator(".task-title").click();
    const form = page.locator(".task-detail form").first();
    await form.getByLabel(/^Tags/).fill("<img src=x onerror=alert(1)>");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: /Only #.*onerror/ }).waitFor();
    expect(await page.locator(".task-title").textContent()).toMatch(/img src=x onerror=/);

    await page.getByRole("link", { name: "Goals" }).click();
    await page.getByRole("button", { name: "New goal" }).click();
    await page.getByRole("dialog").getByLabel("Title").fill(canary);
    await page.getByRole("dialog").getByRole("button", { name: "Create goal" }).click();
    await page.getByRole("heading", { name: /onerror/ }).waitFor();
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Name", { exact: true }).fill(canary);
    const named = page.waitForResponse((response) => response.request().method() === "PATCH");
    await page.getByRole("button", { name: "Save" }).click();
    expect((await named).status()).toBe(200);
    await page.getByRole("link", { name: "Activity" }).click();
    await page.locator(".event").first().waitFor();
    expect(await page.locator("main img, main b").count()).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(faults).toEqual([]);
    await close();
  });

  test("the policy stops inline scripts and text that would become markup", async () => {
    const { page, close } = await house().visit();
    await page.goto(house().web);
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    const outcome = await page
      .evaluate(() => {
        const script = Object.assign(document.createElement("script"), { src: "http://127.0.0.1:9/eve.js" });
        document.head.append(script);
        try {
          document.body.insertAdjacentHTML("beforeend", "<p>markup</p>");
          return "took it";
        } catch (error) {
          return error instanceof TypeError ? "refused" : String(error);
        }
      })
      .catch((error: Error) => (/TrustedScriptURL/.test(error.message) ? "refused" : error.message));
    expect(outcome).toBe("refused");
    await close();
  });

  test("appearance and language are chosen by hand and kept", async () => {
    const { page, close } = await house().visit({ colorScheme: "light" });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.goto(`${house().web}/sign-in`);
    const light = await background();
    await page.getByLabel("Appearance").selectOption("dark");
    expect(await background()).not.toBe(light);
    await page.getByLabel("Language").selectOption("pt");
    await page.reload();
    await page.getByRole("heading", { name: "Que bom ver você de novo" }).waitFor();
    expect(await background()).not.toBe(light);
    await close();
  });
}
