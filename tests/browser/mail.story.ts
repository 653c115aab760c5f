import { expect, test } from "vitest";
import { eventually, type House } from "./house.ts";

/** Mail that one can be rid of: by its link, and in the profile. */
export function mailStory(house: () => House): void {
  const tokenOf = async (id: string) => {
    const { rows } = await house().stack.db.query<{ token: string }>(
      "select private.mail_token($1, 'reminders') as token",
      [id],
    );
    return rows[0]?.token ?? "";
  };

  test("ada follows the link of a reminder signed out, and finds the switch off in her profile", async () => {
    const ada = await house().person("unsubscriber");
    const { page, faults, close } = await house().visit();
    await page.goto(`${house().web}/unsubscribe?token=${await tokenOf(ada.id)}`);
    await page.getByRole("button", { name: "Do not send me this any more" }).click();
    await page.getByText("This mail does not come any more.").waitFor();
    await close();
    const visit = await house().visitAs(ada);
    await visit.page.goto(`${house().web}/profile`);
    const box = visit.page.getByLabel("Reminders of tasks");
    expect(await box.isChecked()).toBe(false);
    await box.check();
    await visit.page.getByText("Saved.").waitFor();
    await visit.page.reload();
    await eventually(() => box.isChecked()).toBe(true);
    expect([...faults, ...visit.faults]).toEqual([]);
    await visit.close();
  });

  test("a link that was tampered with is refused, and the page says so", async () => {
    const ada = await house().person("tampered");
    const { page, close } = await house().visit();
    await page.goto(`${house().web}/unsubscribe?token=${await tokenOf(ada.id)}0`);
    await page.getByRole("button", { name: "Do not send me this any more" }).click();
    await page.getByRole("alert").waitFor();
    await close();
  });
}
