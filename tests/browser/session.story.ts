import { test } from "vitest";
import { eventually, type House, signInByForm } from "./house.ts";

/** Where a session is kept, and how it ends. */
export function sessionStory(house: () => House): void {
  const choices = [
    { choice: "On this device", reloads: true, tabs: true },
    { choice: "In this tab", reloads: true, tabs: false },
    { choice: "No", reloads: false, tabs: false },
  ];
  for (const { choice, reloads, tabs } of choices) {
    const what = `${reloads ? "outlives" : "ends with"} a reload and ${tabs ? "reaches" : "stays out of"} a second tab`;
    test(`a session kept «${choice}» ${what}`, async () => {
      const ada = await house().person(`keeper-${choice.length}`);
      const { page, tab, close } = await house().visit();
      const heading = (signedIn: boolean) => (signedIn ? "Tasks" : "Welcome back");
      await page.goto(`${house().web}/sign-in`);
      await page.getByText(choice, { exact: true }).click();
      await signInByForm(page, ada);
      await page.getByRole("heading", { name: "Tasks" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: heading(reloads) }).waitFor();
      const second = await tab();
      await second.goto(`${house().web}/tasks`);
      await second.getByRole("heading", { name: heading(tabs) }).waitFor();
      await close();
    });
  }

  test("ada ends her session on another device, which is out at once", async () => {
    const ada = await house().person("roamer");
    const there = await house().visitAs(ada);
    const here = await house().visitAs(ada);
    await here.page.goto(`${house().web}/profile`);
    const others = here.page.getByRole("button", { name: "End", exact: true });
    await others.first().waitFor();
    await here.page.getByRole("button", { name: "Sign out elsewhere" }).click();
    await here.page.getByText("All other sessions are ended.").waitFor();
    await eventually(() => others.count()).toBe(0);
    await there.page.getByText("Your session was ended. Sign in again.").waitFor();
    await there.page.getByRole("heading", { name: "Welcome back" }).waitFor();
    await there.close();
    await here.close();
  });
}
