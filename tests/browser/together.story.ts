import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { suspend } from "../support/people.ts";
import { eventually, type House, phone, signInByForm } from "./house.ts";

async function add(page: Page, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await page.getByLabel("Add a task").fill(title);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("link", { name: title, exact: true }).waitFor();
  }
}

const titles = (page: Page) => page.locator(".task-title").allTextContents();
const formOf = (page: Page) => page.locator(".task-detail form").first();

/** Two devices of one person: what is done on one is seen on the other, and nothing that is edited is lost. */
export function togetherStory(house: () => House): void {
  test("what ada does with tasks on her desk appears on her phone, by itself", async () => {
    const ada = await house().person("both-hands");
    const [desk, pocket] = [
      await house().visitAs(ada),
      await house().visitAs(ada, { viewport: phone, colorScheme: "dark" }),
    ];
    const [here, there] = [desk.page, pocket.page];
    await add(here, "one", "two", "three");
    await eventually(() => titles(there)).toEqual(["one", "two", "three"]);
    const tick = there.getByRole("checkbox", { name: "Finish “two”" });
    await tick.focus();
    await here.getByRole("button", { name: /^Move “three”/ }).press("ArrowUp");
    await eventually(() => titles(there)).toEqual(["one", "three", "two"]);
    expect(await tick.evaluate((element) => element === document.activeElement)).toBe(true);
    await here.getByRole("checkbox", { name: "Finish “one”" }).click();
    await there.getByRole("checkbox", { name: "Reopen “one”", checked: true }).waitFor();

    await there.getByRole("link", { name: "two", exact: true }).click();
    await here.getByRole("link", { name: "two", exact: true }).click();
    await formOf(here).getByLabel("Title").fill("second");
    await formOf(here).getByRole("button", { name: "Save" }).click();
    await eventually(() => formOf(there).getByLabel("Title").inputValue()).toBe("second");
    await there
      .getByText(/^Changed elsewhere: “second”|changes from elsewhere/)
      .waitFor({ state: "attached" });
    await here.getByRole("button", { name: "Delete", exact: true }).click();
    await there.getByText("This task is deleted.").waitFor();
    await here.getByRole("button", { name: "Undo" }).click();
    await there.getByRole("button", { name: "Delete", exact: true }).waitFor();
    await eventually(() => titles(there)).toContain("second");
    expect([...desk.faults, ...pocket.faults]).toEqual([]);
    await Promise.all([desk.close(), pocket.close()]);
  });

  test("a goal, its progress and the feed move by themselves on ada's other device", async () => {
    const ada = await house().person("mover-of-goals");
    const [desk, other] = [await house().visitAs(ada), await house().visitAs(ada)];
    const [here, there] = [desk.page, other.page];
    await there.getByRole("link", { name: "Goals", exact: true }).click();
    await there.getByText("No goals yet").waitFor();
    await here.getByRole("link", { name: "Goals", exact: true }).click();
    await here.getByRole("button", { name: "New goal" }).click();
    await here.getByRole("dialog").getByLabel("Title").fill("Run");
    await here.getByRole("dialog").getByRole("button", { name: "Create goal" }).click();
    await there.getByRole("link", { name: "Run", exact: true }).click();
    await add(here, "shoes");
    await there.getByRole("checkbox", { name: "Finish “shoes”" }).waitFor();
    await here.getByRole("checkbox", { name: "Finish “shoes”" }).click();
    await there.getByText("100% done").waitFor();

    await there.getByRole("link", { name: "Activity" }).click();
    await there.getByText("Task status changed").waitFor();
    await here.getByRole("button", { name: "Archive" }).click();
    await there.getByText("Goal status changed").waitFor();
    expect([...desk.faults, ...other.faults]).toEqual([]);
    await Promise.all([desk.close(), other.close()]);
  });

  test("while ada edits a task that changes elsewhere, her words stay, and both versions are offered", async () => {
    const ada = await house().person("editor");
    const { page, close } = await house().visitAs(ada);
    await add(page, "draft");
    await page.getByRole("link", { name: "draft", exact: true }).click();
    const title = formOf(page).getByLabel("Title");
    const rename = (to: string) =>
      house().stack.db.query("update public.tasks set title = $2 where owner_id = $1", [ada.id, to]);
    await title.focus();
    await rename("draft 2");
    await eventually(() => title.inputValue()).toBe("draft 2");
    expect(await title.evaluate((element) => element === document.activeElement)).toBe(true);

    await title.fill("mine");
    await rename("theirs");
    await page.getByText("This has changed while you were editing it.").waitFor();
    expect(await title.inputValue()).toBe("mine");
    await page.getByRole("button", { name: "Compare and decide" }).click();
    const versions = page.getByRole("dialog", { name: "Changed somewhere else" });
    await versions.getByRole("row", { name: "Title mine theirs" }).waitFor();
    await versions.getByRole("button", { name: "Take theirs" }).click();
    await eventually(() => title.inputValue()).toBe("theirs");
    await close();
  });

  test("what ada did offline on her phone appears on her desk once the phone is back", async () => {
    const ada = await house().person("commuter");
    const [desk, pocket] = [await house().visitAs(ada), await house().visitAs(ada, { viewport: phone })];
    await add(desk.page, "read");
    await pocket.page.getByRole("link", { name: "read", exact: true }).waitFor();
    await pocket.page.context().setOffline(true);
    await pocket.page.locator(".sync-pill", { hasText: "Offline" }).waitFor();
    await add(pocket.page, "write");
    await pocket.page.getByRole("checkbox", { name: "Finish “read”" }).click();
    await add(desk.page, "rest");
    await pocket.page.context().setOffline(false);
    await desk.page.getByRole("link", { name: "write", exact: true }).waitFor();
    await desk.page.getByRole("checkbox", { name: "Reopen “read”", checked: true }).waitFor();
    await pocket.page.getByRole("link", { name: "rest", exact: true }).waitFor();
    await eventually(() => titles(desk.page)).toHaveLength(3);
    expect([...desk.faults, ...pocket.faults]).toEqual([]);
    await Promise.all([desk.close(), pocket.close()]);
  });

  test("when her account is suspended, ada is signed out and told why", async () => {
    const ada = await house().person("suspended");
    const { page, close } = await house().visitAs(ada);
    await add(page, "last words");
    await suspend(house().stack, ada);
    await page.getByText("This account is suspended.").waitFor();
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    await close();
  });

  test("when ben signs in on ada's other tab, hers is his: nothing of hers is left, and he stays", async () => {
    const [ada, ben] = [await house().person("first-user"), await house().person("second-user")];
    const { page, tab, faults, close } = await house().visitAs(ada);
    await add(page, "hers");
    const other = await tab();
    await other.goto(`${house().web}/tasks`);
    await other.getByRole("link", { name: "hers" }).waitFor();
    await other.getByRole("button", { name: "Sign out", exact: true }).click();
    await signInByForm(other, ben);
    await other.getByText("Nothing to do").waitFor();
    await add(other, "his");
    await page.bringToFront();
    await eventually(() => titles(page)).toEqual(["his"]);
    expect(await page.getByText("Your session was ended").count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });
}
