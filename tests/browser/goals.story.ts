import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually, type House } from "./house.ts";

async function create(page: Page, title: string): Promise<void> {
  await page.getByRole("button", { name: "New goal" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill(title);
  await page.getByRole("dialog").getByRole("button", { name: "Create goal" }).click();
}

/** Goals by hand: titles that are taken, edits, archive, delete and restore. */
export function goalsStory(house: () => House): void {
  test("a title that is taken is refused at its field, with one that is free; a restored goal may take that", async () => {
    const { page, faults, close } = await house().visitAs(await house().person("namer"));
    await page.getByRole("link", { name: "Goals" }).click();
    await create(page, "Run");
    await page.getByRole("heading", { name: "Run", level: 2 }).waitFor();
    await create(page, " RUN ");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("You have an open goal with this title. “RUN (2)” is free.").waitFor();
    expect(await dialog.getByLabel("Title").getAttribute("aria-invalid")).toBe("true");
    await dialog.getByRole("button", { name: "Cancel" }).click();

    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("“Run” and its tasks are deleted.").waitFor();
    await create(page, "Run");
    await page.getByRole("heading", { name: "Run", level: 2 }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Restore as “Run (2)”" }).click();
    await page.getByText("“Run (2)” is back.").waitFor();
    await eventually(() => page.locator(".goal-title").allTextContents()).toEqual(["Run (2)", "Run"]);
    expect(faults).toEqual([]);
    await close();
  });

  test("ada edits a goal, archives it and finds it among the archived", async () => {
    const { page, faults, close } = await house().visitAs(await house().person("archivist"));
    await page.getByRole("link", { name: "Goals" }).click();
    await create(page, "Learn");
    await page.getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Title").fill("Learn Portuguese");
    await dialog.getByLabel("Due date").fill("2027-04-12");
    await dialog.getByTitle("Blue").click();
    await dialog.getByTitle("Book").click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Due: 12 Apr 2027").waitFor();
    await page.getByRole("button", { name: "Archive" }).click();
    await page.getByText("No goals yet").waitFor();
    await page.getByRole("link", { name: "Archived" }).click();
    await page.getByRole("link", { name: "Learn Portuguese" }).waitFor();
    await page.getByRole("button", { name: "Reopen" }).click();
    await page.getByText("Nothing here.").waitFor();
    expect(faults).toEqual([]);
    await close();
  });
}
