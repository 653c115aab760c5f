import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventually, type House, linkIn, readMail, signInByForm } from "./house.ts";

/** The account's own page: name, password, address, data. */
export function profileStory(house: () => House): void {
  test("ada changes her name and password; the new password is the one that counts", async () => {
    const ada = await house().person("changer");
    const { page, faults, close } = await house().visitAs(ada);
    await page.goto(`${house().web}/profile`);
    await page.getByLabel("Name", { exact: true }).fill("Ada Byron");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    await page.getByLabel("Current password").fill("not the 1 password");
    await page.getByLabel("New password").fill("a brand new 1 for ada");
    await page.getByRole("button", { name: "Change password" }).click();
    await eventually(() => page.locator(".alert, .error").count()).toBe(1);
    await page.getByLabel("Current password").fill(ada.password);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Your password is changed.").waitFor();
    await page.reload();
    await eventually(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe("Ada Byron");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await signInByForm(page, { email: ada.email, password: "a brand new 1 for ada" });
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test("ada's address changes once both mails are confirmed", async () => {
    const ada = await house().person("mover");
    const { page, close } = await house().visitAs(ada);
    await page.goto(`${house().web}/profile`);
    const field = page.getByLabel("E-mail", { exact: true });
    await field.fill("moved@example.test");
    await page.getByRole("button", { name: "Change e-mail" }).click();
    await page.getByText("Waiting for confirmation: moved@example.test").waitFor();
    const said = [];
    for (const address of [ada.email, "moved@example.test"]) {
      const link = linkIn(await readMail(house(), address, "address"));
      await page.goto(house().web + link.pathname + link.search);
      await page.getByRole("button", { name: "Confirm" }).click();
      said.push(
        await page
          .getByRole("status")
          .getByText(/address/)
          .first()
          .textContent(),
      );
    }
    expect(said).toEqual([
      "Confirmed. The other address has a mail as well: open its link.",
      "Your address is changed.",
    ]);
    await page.goto(`${house().web}/profile`);
    await eventually(() => field.inputValue()).toBe("moved@example.test");
    await close();
  });

  test("ada takes her data out; bringing it in again changes nothing", async () => {
    const ada = await house().visitAs(await house().person("exporter"));
    await ada.page.getByLabel("Add a task").fill("Carry me over #data");
    await ada.page.getByRole("button", { name: "Add", exact: true }).click();
    await ada.page.getByRole("link", { name: "Carry me over" }).waitFor();
    await ada.page.goto(`${house().web}/profile`);
    const waiting = ada.page.waitForEvent("download");
    await ada.page.getByRole("button", { name: "Export as CSV" }).click();
    const file = await (await waiting).path();
    expect(await readFile(file, "utf8")).toContain("Carry me over");

    await ada.page.getByLabel("Import a file").setInputFiles({
      name: "trackit.csv",
      mimeType: "text/csv",
      buffer: await readFile(file),
    });
    await ada.page.getByText("0 rows taken over, 1 unchanged.").waitFor();
    await ada.close();
  });
}
