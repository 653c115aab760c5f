import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { begin, heard, openChat, say } from "./chat.story.ts";
import { eventually, type House, overflow, phone, signInByForm } from "./house.ts";

/** A picture that fills a file's thumbnail, and a text. */
const sent = [
  {
    name: "lake.png",
    mimeType: "image/png",
    buffer: Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
      "base64",
    ),
  },
  { name: "way.gpx", mimeType: "application/gpx+xml", buffer: Buffer.from("<gpx>round the lake</gpx>") },
];

async function saved(page: Page, button: string): Promise<{ name: string; content: string }> {
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: button, exact: true }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), "utf8") };
}

async function makeLink(members: Locator): Promise<string> {
  await members.getByText("No link is open.").waitFor();
  await members.getByRole("button", { name: "Make a link" }).click();
  await members.getByRole("img", { name: "The invitation as a QR code" }).waitFor();
  const link = await members.getByRole("textbox", { name: "Link of the invitation" }).inputValue();
  await members.getByText("for 1 person more").waitFor();
  await members.getByRole("button", { name: "Done" }).click();
  return link;
}

async function withdrawLink(members: Locator): Promise<void> {
  await members.getByRole("button", { name: "Withdraw" }).click();
  await members.getByRole("group").getByRole("button", { name: "Withdraw" }).click();
}

/** Opens a link as one that was never seen by this page, and asks to be let in. */
async function ask(page: Page, link: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(link);
  await page.getByRole("button", { name: "Ask to come in" }).click();
}

/** What two people do in a conversation into which one has come by a link. */
export function chatInvitedStory(house: () => House): void {
  test("ben comes by ada's link, they share files, look for what was said, and he reports and blocks her", async () => {
    const [ada, ben] = [await house().person("inviting-ada"), await house().person("invited-ben")];
    const desk = await house().visitAs(ada);
    const hers = desk.page;
    await openChat(hers);
    await begin(hers, "Group", { "Name of the group": "Lake" });
    await hers.getByRole("button", { name: "1 member" }).click();
    const dialog = hers.getByRole("dialog", { name: "Members" });
    const withdrawn = await makeLink(dialog);
    await withdrawLink(dialog);
    const link = await makeLink(dialog);
    await dialog.getByRole("button", { name: "Close" }).click();
    const secret = link.slice(link.indexOf("#") + 1);

    const pocket = await house().visit({ viewport: phone, colorScheme: "dark" });
    const his = pocket.page;
    const asked: string[] = [];
    his.on("request", (request) => asked.push(`${request.url()} ${request.postData() ?? ""}`));
    await his.goto(withdrawn);
    await his.getByText("Sign in first. The invitation waits here.").waitFor();
    await eventually(() => his.url()).not.toContain("#");
    await signInByForm(his, ben);
    await his.getByRole("button", { name: "Ask to come in" }).click();
    await his.getByRole("heading", { name: "This invitation opens nothing" }).waitFor();
    await ask(his, link.slice(0, -9));
    await his.getByRole("heading", { name: "This link is not whole" }).waitFor();
    await ask(his, link);
    await his.getByRole("heading", { name: "Lake", level: 2 }).waitFor();
    await hers.getByRole("button", { name: "2 members" }).waitFor();
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((request) => request.includes(secret))).toEqual([]);

    const choosing = hers.waitForEvent("filechooser");
    await hers.getByRole("button", { name: "Attach files" }).click();
    await (await choosing).setFiles(sent);
    await hers.getByRole("button", { name: "Do not send way.gpx" }).waitFor();
    await hers.getByLabel("Write a message").fill("our way");
    await hers.getByRole("button", { name: "Send", exact: true }).click();
    await heard(his, "our way").locator("img.attachment-picture").waitFor();
    expect(await saved(his, "Download way.gpx")).toEqual({
      name: "way.gpx",
      content: "<gpx>round the lake</gpx>",
    });

    await say(his, "there is a boat for hire");
    await say(his, "see you there");
    await his.getByRole("button", { name: "Search this conversation" }).click();
    await his.getByRole("searchbox").fill("hire BOAT");
    await his.getByRole("button", { name: "Search", exact: true }).click();
    await his.getByText("1 message found").waitFor();
    await his.locator(".found button").click();
    await his.locator(".message[data-sought]", { hasText: "boat for hire" }).waitFor();
    expect(await overflow(his)).toBeLessThanOrEqual(0);

    await his.getByRole("button", { name: "2 members" }).click();
    const members = his.getByRole("dialog", { name: "Members" });
    const copy = await saved(his, "To read (text)");
    expect(copy.name).toBe("Lake.txt");
    for (const text of ["our way", "there is a boat for hire"]) expect(copy.content).toContain(text);
    await members.getByRole("button", { name: `More about ${ada.username}` }).click();
    await members.getByRole("button", { name: "We compared: they match" }).click();
    await members.getByText("Verified: you compared the safety number.").waitFor();
    await members.getByRole("button", { name: "Report" }).click();
    await members.getByLabel("Reason").fill("calls at night");
    await members.getByRole("button", { name: "Send the report" }).click();
    await members.getByLabel("Reason").waitFor({ state: "detached" });
    await members.getByRole("button", { name: "Block", exact: true }).click();
    await his.getByText("can bring you into no more conversations.").waitFor();

    await hers.getByRole("button", { name: "New conversation" }).click();
    const again = hers.getByRole("dialog", { name: "New conversation" });
    await again.getByLabel("Username").fill(ben.username);
    await again.getByRole("button", { name: "Start" }).click();
    await again.getByText("do not let you bring them in").waitFor();
    expect([...desk.faults, ...pocket.faults]).toEqual([]);
    await Promise.all([desk.close(), pocket.close()]);
  });
}
