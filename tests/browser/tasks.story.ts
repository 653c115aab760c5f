import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually, type House } from "./house.ts";

async function add(page: Page, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await page.getByLabel("Add a task").fill(title);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("link", { name: title.replace(/ [#!].*/, ""), exact: true }).waitFor();
  }
}

const titles = (page: Page) => page.locator(".task-title").allTextContents();

/** Tasks by hand: order, undo, filters, two versions. */
export function tasksStory(house: () => House): void {
  test("ada orders her tasks by keyboard and by dragging; the order is kept", async () => {
    const { page, faults, close } = await house().visitAs(await house().person("orderly"));
    await add(page, "one", "two", "three");
    await page.getByRole("button", { name: /^Move “three”/ }).press("ArrowUp");
    await eventually(() => titles(page)).toEqual(["one", "three", "two"]);
    await page.getByText("“three” is now 2 of 3.").waitFor({ state: "attached" });
    await page.getByRole("button", { name: /^Move “three”/ }).press("ArrowUp");
    await eventually(() => titles(page)).toEqual(["three", "one", "two"]);
    const grip = await page.getByRole("button", { name: /^Move “three”/ }).boundingBox();
    const last = await page.getByRole("button", { name: /^Move “two”/ }).boundingBox();
    if (!grip || !last) throw new Error("the handles are not on the page");
    await page.mouse.move(grip.x + 8, grip.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip.x + 8, last.y + last.height + 30, { steps: 6 });
    await page.mouse.up();
    await eventually(() => titles(page)).toEqual(["one", "two", "three"]);
    await page.getByText("“three” is now 3 of 3.").waitFor({ state: "attached" });
    await page.reload();
    await page.getByRole("link", { name: "three", exact: true }).waitFor();
    expect(await titles(page)).toEqual(["one", "two", "three"]);
    expect(faults).toEqual([]);
    await close();
  });

  test("ada deletes a task with its subtask and takes both back", async () => {
    const { page, close } = await house().visitAs(await house().person("undoer"));
    await add(page, "keep", "oops");
    await page.getByRole("link", { name: "oops", exact: true }).click();
    await page.getByLabel("Add a subtask").fill("below");
    await page.getByLabel("Add a subtask").press("Enter");
    const list = page.getByRole("region", { name: "Tasks", exact: true });
    await list.getByRole("link", { name: "below" }).waitFor();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await eventually(() => titles(page)).toEqual(["keep"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await eventually(() => titles(page)).toEqual(["keep", "oops", "below"]);
    await close();
  });

  test("ada finds a task by words, by tag and by its day", async () => {
    const { page, close } = await house().visitAs(await house().person("finder"));
    await add(page, "Buy shoes #sport !high", "Read a book #calm");
    await page.getByRole("searchbox").fill("shoes");
    await eventually(() => titles(page)).toEqual(["Buy shoes"]);
    await page.getByRole("searchbox").fill("");
    await eventually(() => titles(page)).toEqual(["Buy shoes", "Read a book"]);
    await page.getByRole("link", { name: "Only #calm" }).click();
    await eventually(() => titles(page)).toEqual(["Read a book"]);
    await page.getByRole("link", { name: "Show all tags" }).click();
    await page.getByRole("link", { name: "Today", exact: true }).click();
    await page.getByText("Nothing due today").waitFor();
    await add(page, "Water the plants");
    await page.reload();
    await page.getByRole("link", { name: "Water the plants" }).waitFor();
    expect(await titles(page)).toEqual(["Water the plants"]);
    await close();
  });

  test("a change from elsewhere is shown beside ada's own, and she decides", async () => {
    const { page, tab, faults, close } = await house().visitAs(await house().person("decider"));
    await add(page, "draft");
    await page.getByRole("link", { name: "draft", exact: true }).click();
    const form = page.locator(".task-detail form").first();
    await form.getByLabel("Title").fill("mine");
    const other = await tab();
    await other.goto(page.url());
    const otherForm = other.locator(".task-detail form").first();
    await otherForm.getByLabel("Title").fill("theirs");
    await otherForm.getByRole("button", { name: "Save" }).click();
    await other.getByText("Saved").waitFor();
    // A tab in the background is drawn seldom, which every click waits for.
    await page.bringToFront();
    await form.getByRole("button", { name: "Save" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("row", { name: "Title mine theirs" }).waitFor();
    await dialog.getByRole("button", { name: "Keep mine" }).click();
    await page.getByText("Saved").waitFor();
    await other.bringToFront();
    await other.reload();
    await eventually(() => titles(other)).toEqual(["mine"]);
    expect(faults).toEqual([]);
    await close();
  });
}
