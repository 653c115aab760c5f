import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTransport } from "nodemailer";
import { expect, test } from "vitest";
import { createLog } from "../../stack/src/log.ts";
import { createMail } from "../../stack/src/mail/index.ts";
import { type House, overflow, phone } from "./house.ts";

/** The mailbox page, with mail from a stranger in it. */
export function mailboxStory(house: () => House): void {
  test("new mail appears by itself; its HTML runs nothing, loads nothing, and its text is at hand", async () => {
    const mail = await createMail({ smtpPort: 0, httpPort: 0, dataDir: null, log: createLog(() => {}) });
    let loads = 0;
    const eve = createServer((_, response) => {
      loads += 1;
      response.end();
    });
    await new Promise<void>((resolve) => eve.listen(0, "127.0.0.1", resolve));
    const pixel = `http://127.0.0.1:${(eve.address() as AddressInfo).port}/pixel.png`;
    const { page, close } = await house().visit({ viewport: phone });
    await page.goto(`http://127.0.0.1:${mail.httpPort}`);
    await page.getByText("No mail yet").waitFor();
    const html = `<h1>Hello</h1><script>top.document.title="owned"</script><img src="${pixel}" alt="">
      <a href="http://127.0.0.1:9/confirm">Confirm</a>`;
    const transport = createTransport({ host: "127.0.0.1", port: mail.smtpPort, secure: false });
    const subject = "<b>Confirm</b> your account";
    await transport.sendMail({
      from: "eve@example.test",
      to: "ada@example.test",
      subject,
      html,
      text: "plain",
    });
    await page.getByText(subject).click();
    const frame = page.frameLocator("iframe");
    await frame.getByRole("heading", { name: "Hello" }).waitFor();
    expect(await frame.getByRole("link", { name: "Confirm" }).getAttribute("href")).toBe(
      "http://127.0.0.1:9/confirm",
    );
    expect(await page.locator("iframe").getAttribute("sandbox")).not.toMatch(/scripts|same-origin/);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.getByRole("tab", { name: "Text" }).click();
    await page.getByRole("region", { name: "Message" }).getByText("plain").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Delete all" }).waitFor();
    expect(await page.title()).toBe("Mailbox");
    expect(loads).toBe(0);
    await close();
    eve.close();
    await mail.close();
  });
}
