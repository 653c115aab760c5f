import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually, type House, phone, signInByForm } from "./house.ts";

async function add(page: Page, title: string): Promise<void> {
  await page.getByLabel("Add a task").fill(title);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("link", { name: title, exact: true }).waitFor();
}

const row = (page: Page, title: string) => page.locator(".task", { hasText: title });
const titles = (page: Page) => page.locator(".task-title").allTextContents();
const pill = (page: Page, text: string) => page.locator(".sync-pill", { hasText: text });

/** What ada does without a network: kept, marked, sent once, and decided where somebody else was faster. */
export function awayStory(house: () => House): void {
  test("offline on her phone ada adds, finishes and orders tasks; back online each is sent once", async () => {
    const { page, faults, close } = await house().visitAs(await house().person("traveller"), {
      viewport: phone,
    });
    await add(page, "pack");
    await add(page, "drive");
    const context = page.context();
    await context.setOffline(true);
    await pill(page, "Offline").waitFor();
    await add(page, "sleep");
    await page.getByRole("checkbox", { name: "Finish “pack”" }).click();
    await page.getByRole("button", { name: /^Move “sleep”/ }).press("ArrowUp");
    await eventually(() => titles(page)).toEqual(["pack", "sleep", "drive"]);
    await pill(page, "3 changes wait").waitFor();
    await row(page, "sleep").getByText("Not sent yet").waitFor({ state: "attached" });
    expect(await row(page, "drive").locator(".row-mark").count()).toBe(0);

    await page.getByRole("link", { name: "Activity", exact: true }).click();
    await page.getByText("Not on this device yet").waitFor();
    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    await eventually(() => titles(page)).toEqual(["sleep", "drive"]);
    await page.getByText("You see what was here before.").waitFor();

    const sent: string[] = [];
    context.on("request", (request) => {
      if (/^(POST|PATCH)$/.test(request.method()) && request.url().includes("/rest/v1/tasks"))
        sent.push(request.postData() ?? "");
    });
    await context.setOffline(false);
    await page.getByText("All changes are sent").first().waitFor();
    expect(sent.filter((body) => body.includes('"title":"sleep"'))).toHaveLength(1);
    expect(sent.filter((body) => body.includes('"status":"done"'))).toHaveLength(1);
    await eventually(() => page.locator(".row-mark, .stale").count()).toBe(0);
    await page.reload();
    await eventually(() => titles(page)).toEqual(["sleep", "drive"]);
    expect(faults).toEqual([]);
    await close();
  });

  test("a task that changed elsewhere while ada was offline: both versions are offered, and hers can win", async () => {
    const ada = await house().person("rival");
    const { page, faults, close } = await house().visitAs(ada);
    await add(page, "draft");
    await page.getByRole("link", { name: "draft", exact: true }).click();
    const form = page.locator(".task-detail form").first();
    await form.getByLabel("Title").waitFor();
    await page.context().setOffline(true);
    await pill(page, "Offline").waitFor();
    await form.getByLabel("Title").fill("mine");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByText("Not sent yet: this waits for the network.").waitFor();
    await house().stack.db.query("update public.tasks set title = 'theirs' where owner_id = $1", [ada.id]);
    await page.context().setOffline(false);
    await pill(page, "1 change was not taken").click();
    await page.getByRole("button", { name: "Compare and decide" }).click();
    const versions = page.getByRole("dialog", { name: "Changed somewhere else" });
    await versions.getByRole("row", { name: "Title mine theirs" }).waitFor();
    await versions.getByRole("button", { name: "Keep mine" }).click();
    await page.getByText("Nothing waits: the server has everything.").waitFor();
    await page.keyboard.press("Escape");
    await page.reload();
    await eventually(() => titles(page)).toEqual(["mine"]);
    expect(faults).toEqual([]);
    await close();
  });

  test("a goal whose title went to another while ada was offline is told of where it stands: it takes a free one, or is given up", async () => {
    const ada = await house().person("namesake");
    const { page, close } = await house().visitAs(ada);
    await page.getByRole("link", { name: "Goals", exact: true }).click();
    await page.getByText("No goals yet").waitFor();
    await page.context().setOffline(true);
    await pill(page, "Offline").waitFor();
    for (const title of ["Run", "Walk"]) {
      await page.getByRole("button", { name: "New goal" }).click();
      await page.getByRole("dialog").getByLabel("Title").fill(title);
      await page.getByRole("dialog").getByRole("button", { name: "Create goal" }).click();
      await page
        .locator(".goal", { hasText: title })
        .getByText("Not sent yet")
        .waitFor({ state: "attached" });
    }
    await house().stack.db.query(
      "insert into public.goals (owner_id, title) values ($1, 'run'), ($1, 'walk')",
      [ada.id],
    );
    await page.context().setOffline(false);
    const refused = page.locator(".goal").getByRole("button", { name: "Not taken" });
    await eventually(() => refused.count()).toBe(2);
    await refused.first().click();
    const dialog = page.getByRole("dialog", { name: "Changes on this device" });
    const change = (title: string) => dialog.locator(".change", { hasText: title });
    await change("Run").getByText("You have an open goal with this title.").waitFor();
    await change("Run").getByRole("button", { name: "Create as “Run (2)”" }).click();
    await change("Walk").getByRole("button", { name: "Give up" }).click();
    await dialog.getByText("Nothing waits: the server has everything.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("This is not here any more.").waitFor();
    const shown = async () => (await page.locator(".goal-title").allTextContents()).sort();
    await eventually(shown).toEqual(["Run (2)", "run", "walk"]);
    expect(await page.locator(".row-mark").count()).toBe(0);
    await close();
  });

  test("signing out asks what becomes of changes that wait: kept they are sent with the next sign-in, or they are deleted", async () => {
    const ada = await house().person("leaver");
    const { page, faults, close } = await house().visitAs(ada);
    const context = page.context();
    const leave = async (title: string, choice: string) => {
      await context.setOffline(true);
      await pill(page, "Offline").waitFor();
      await add(page, title);
      await pill(page, "1 change waits").waitFor();
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await page.getByRole("dialog", { name: "Not everything is sent" }).getByText(choice).click();
      await page.getByRole("heading", { name: "Welcome back" }).waitFor();
      await context.setOffline(false);
      await signInByForm(page, ada);
      await page.getByRole("heading", { name: "Tasks" }).waitFor();
    };
    await leave("kept", "Keep and sign out");
    await eventually(() => titles(page)).toEqual(["kept"]);
    await leave("deleted", "Delete and sign out");
    await eventually(() => titles(page)).toEqual(["kept"]);
    const { rows } = await house().stack.db.query("select title from public.tasks where owner_id = $1", [
      ada.id,
    ]);
    expect(rows).toEqual([{ title: "kept" }]);
    expect(faults).toEqual([]);
    await close();
  });
}
