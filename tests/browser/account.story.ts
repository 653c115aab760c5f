import { expect, test } from "vitest";
import { codeIn, eventually, type House, linkIn, phone, readMail, signInByForm } from "./house.ts";

/** From no account to a finished task and out again, as a person does it. */
export function accountStory(house: () => House): void {
  test("ada registers, confirms by code, reaches a first goal, finishes its task, and signs out", async () => {
    const { page, faults, close } = await house().visit({ viewport: phone });
    const ada = { email: "ada@example.test", password: "ada walks 9 miles" };
    await page.goto(house().web);
    await page.getByRole("link", { name: "Create account" }).click();
    await page.getByLabel("Name (optional)").fill("Ada Lovelace");
    await page.getByLabel("Username").fill("ada");
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill(ada.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Check your inbox" }).waitFor();
    await page.getByLabel("Code from the mail").fill(codeIn(await readMail(house(), ada.email, "Confirm")));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("Nothing to do").waitFor();

    await page.getByRole("link", { name: "Goals" }).click();
    await page.getByRole("button", { name: "New goal" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Title").fill("Run a marathon");
    await dialog.getByRole("button", { name: "Create goal" }).click();
    await page.getByLabel("Add a task").fill("Buy shoes #sport");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("checkbox", { name: "Finish “Buy shoes”" }).click();
    await page.getByText("100% done").waitFor();

    await page.reload();
    await page.getByText("100% done").waitFor();
    await page.getByText("1 finished").click();
    expect(await page.getByRole("checkbox", { name: "Reopen “Buy shoes”" }).isChecked()).toBe(true);

    await page.getByRole("link", { name: "Activity" }).click();
    await page.getByText("Task status changed").waitFor();
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByRole("button", { name: "Sign out here" }).click();
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test("ben registers in Portuguese and confirms by the link of a Portuguese mail", async () => {
    const { page, faults, close } = await house().visit({ locale: "pt-PT" });
    await page.goto(`${house().web}/register`);
    await page.getByRole("heading", { name: "Crie a sua conta" }).waitFor();
    expect(await page.getAttribute("html", "lang")).toBe("pt");
    await page.getByLabel("Nome de usuário").fill("ben");
    await page.getByLabel("E-mail").fill("ben@example.test");
    await page.getByLabel("Senha", { exact: true }).fill("ben anda 9 léguas");
    await page.getByRole("button", { name: "Criar conta" }).click();
    await page.getByRole("heading", { name: "Veja a sua caixa de entrada" }).waitFor();
    const mail = await readMail(house(), "ben@example.test", "Confirme");
    expect(mail.HTML).toContain("Confirme o seu endereço");
    const link = linkIn(mail);
    await page.goto(house().web + link.pathname + link.search);
    await page.getByRole("button", { name: "Confirmar" }).click();
    await page.getByText("Nada a fazer").waitFor();
    expect(page.url()).not.toContain("token_hash");
    expect(faults).toEqual([]);
    await close();
  });

  test("ada's refusals stand at the field that they name", async () => {
    await house().person("taken");
    const { page, close } = await house().visit();
    await page.goto(`${house().web}/register`);
    const field = (label: string) => page.getByLabel(label, { exact: true });
    await page.getByRole("button", { name: "Create account" }).click();
    await eventually(() => field("Username").getAttribute("aria-invalid")).toBe("true");
    await field("Username").fill("Taken-Test");
    await field("E-mail").fill("new@example.test");
    await field("Password").fill("short");
    await page.getByText("This username is taken.").waitFor();
    await page.getByRole("button", { name: "Create account" }).click();
    await eventually(() => page.locator("[aria-invalid=true]").count()).toBeGreaterThan(0);
    await field("Username").fill("someone.new");
    await page.getByRole("button", { name: "Create account" }).click();
    await eventually(() => field("Password").getAttribute("aria-invalid")).toBe("true");
    expect(await field("Password").evaluate((element) => element === document.activeElement)).toBe(true);
    await close();
  });

  test("ben recovers his account by mail; his old password is over", async () => {
    const ben = await house().person("forgetful");
    const { page, faults, close } = await house().visit();
    await page.goto(`${house().web}/forgot`);
    await page.getByLabel("E-mail").fill(ben.email);
    await page.getByRole("button", { name: "Send the mail" }).click();
    await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    const link = linkIn(await readMail(house(), ben.email, "password"));
    await page.goto(house().web + link.pathname + link.search);
    await page.getByLabel("New password").fill("another 1 entirely");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("Your new password is set.").waitFor();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await signInByForm(page, ben);
    await page.getByText("E-mail or password is wrong.").waitFor();
    await signInByForm(page, { email: ben.email, password: "another 1 entirely" });
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });
}
