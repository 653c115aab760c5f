import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { type House, signInByForm } from "./house.ts";

/** The second factor, from the first code to the last. */
export function factorStory(house: () => House): void {
  test("ada adds an authenticator; from then on her password alone is not enough", async () => {
    const ada = await house().person("cautious");
    const { page, faults, close } = await house().visitAs(ada);
    await page.goto(`${house().web}/profile`);
    await page.getByRole("button", { name: "Add an authenticator app" }).click();
    await page.getByRole("img", { name: /QR code/ }).waitFor();
    const secret = ((await page.locator(".secret-key").textContent()) ?? "").replaceAll(" ", "");
    const code = page.getByLabel("Code of your authenticator app");
    await code.fill(totp(secret, -100));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("This code does not fit.").waitFor();
    expect(await code.getAttribute("aria-invalid")).toBe("true");
    await code.fill(totp(secret, 0));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("The second factor is on.").waitFor();

    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await signInByForm(page, ada);
    await code.waitFor();
    await page.goto(`${house().web}/tasks`);
    // The step after: a code counts once.
    await code.fill(totp(secret, 1));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Tasks" }).waitFor();

    await page.getByRole("link", { name: "Profile" }).click();
    const card = page.getByRole("region", { name: "Second factor" });
    await card.getByRole("button", { name: "Delete" }).click();
    await page.getByText("The second factor is off.").waitFor();
    expect(faults).toEqual([]);
    await close();
  });
}

/** The code of an authenticator app `steps` of 30 seconds from now. @see RFC 6238 */
function totp(secret: string, steps: number): string {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter));
  const bytes = bits
    .map((value) => value.toString(2).padStart(5, "0"))
    .join("")
    .match(/.{8}/g);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const key = Buffer.from((bytes ?? []).map((byte) => Number.parseInt(byte, 2)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = digest.readUInt8(19) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
