import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually, type House, overflow, phone } from "./house.ts";

/** Opens the chat page; with it the account has its keys. */
export async function openChat(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Chat", exact: true }).click();
  await page.getByText("No conversations yet").waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Write a message").fill(text);
  await page.getByLabel("Write a message").press("Enter");
  await page.locator(".message[data-own=true][data-status=sent]", { hasText: text }).waitFor();
}

export const heard = (page: Page, text: string) =>
  page.locator(".message[data-own=false]", { hasText: text });

export async function begin(
  page: Page,
  kind: "One person" | "Group",
  fields: Record<string, string>,
): Promise<void> {
  await page.getByRole("button", { name: "New conversation" }).click();
  const dialog = page.getByRole("dialog", { name: "New conversation" });
  await dialog.getByText(kind, { exact: true }).click();
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value);
  await dialog.getByRole("button", { name: "Start" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByLabel("Write a message").waitFor();
}

/** Two people in two browsers, and nobody between them. */
export function chatStory(house: () => House): void {
  test("ada and ben talk in two browsers; after a reload each reads on", async () => {
    const [ada, ben] = [await house().person("chat-ada"), await house().person("chat-ben")];
    const [desk, pocket] = [
      await house().visitAs(ada),
      await house().visitAs(ben, { viewport: phone, colorScheme: "dark" }),
    ];
    const [hers, his] = [desk.page, pocket.page];
    await Promise.all([openChat(hers), openChat(his)]);
    await begin(hers, "One person", { Username: ben.username });
    await say(hers, "first run at six");
    await his.getByRole("link", { name: /chat-ada.*1 unread/ }).click();
    await heard(his, "first run at six").waitFor();
    await hers.getByText(/Read$/).waitFor();

    await heard(his, "six").getByRole("button", { name: "What to do" }).click();
    await his.getByRole("button", { name: "React with 👍" }).click();
    await hers.getByRole("button", { name: "👍, 1 person" }).waitFor();
    await heard(his, "six").getByRole("button", { name: "What to do" }).click();
    await his.getByRole("button", { name: "Reply" }).click();
    await say(his, "rather seven");
    await heard(hers, "rather seven").locator("blockquote", { hasText: "first run at six" }).waitFor();

    const first = hers.locator(".message[data-own=true]").first();
    await first.getByRole("button", { name: "What to do" }).click();
    await first.getByRole("button", { name: "Edit" }).click();
    await eventually(() => hers.getByLabel("Write a message").inputValue()).toBe("first run at six");
    await say(hers, "first run at seven");
    await heard(his, "first run at seven").getByText("edited").waitFor();
    await say(hers, "oops");
    const slip = hers.locator(".message[data-own=true]").last();
    await slip.getByRole("button", { name: "What to do" }).click();
    await slip.getByRole("button", { name: "Delete for everybody" }).click();
    await his.locator(".messages").getByText("Deleted by its author.").waitFor();
    await eventually(() => his.getByText("oops").count()).toBe(0);

    await Promise.all([hers.reload(), his.reload()]);
    await heard(hers, "rather seven").waitFor();
    await heard(his, "first run at seven").waitFor();
    await say(his, "still here");
    await heard(hers, "still here").waitFor();
    expect(await overflow(his)).toBeLessThanOrEqual(0);
    expect([...desk.faults, ...pocket.faults]).toEqual([]);
    await Promise.all([desk.close(), pocket.close()]);
  });

  test("ada makes a group and puts ben out of it: he is told, and hears no more; she blocks him, and takes that back", async () => {
    const [ada, ben] = [await house().person("group-ada"), await house().person("group-ben")];
    const [desk, pocket] = [await house().visitAs(ada), await house().visitAs(ben, { viewport: phone })];
    const [hers, his] = [desk.page, pocket.page];
    await Promise.all([openChat(hers), openChat(his)]);
    await begin(hers, "Group", { "Name of the group": "Training", Usernames: ben.username });
    await hers.getByRole("heading", { name: "Training", level: 2 }).waitFor();
    await his.getByRole("link", { name: /Training/ }).click();
    await say(his, "here I am");
    await heard(hers, "here I am").waitFor();

    await hers.getByRole("button", { name: "2 members" }).click();
    const members = hers.getByRole("dialog", { name: "Members" });
    await members.getByRole("button", { name: `More about ${ben.username}` }).click();
    await eventually(() => members.locator(".digits").textContent()).toMatch(/^(\d{5} ){11}\d{5}$/);
    await members.getByRole("button", { name: "Block", exact: true }).click();
    await members.getByRole("button", { name: `Remove: ${ben.username}` }).click();
    await his.getByText("You are not in this conversation any more.").waitFor();
    expect(await his.getByLabel("Write a message").count()).toBe(0);
    await members.getByRole("button", { name: "Close" }).click();
    await say(hers, "only for me");
    expect(await his.getByText("only for me").count()).toBe(0);

    await hers.getByRole("button", { name: "Your devices" }).click();
    const blocked = hers.getByRole("region", { name: "Blocked people" });
    await blocked.getByText(ben.username).waitFor();
    await blocked.getByRole("button", { name: `Unblock: ${ben.username}` }).click();
    await blocked.getByText("You have blocked nobody.").waitFor();

    expect([...desk.faults, ...pocket.faults]).toEqual([]);
    await Promise.all([desk.close(), pocket.close()]);
  });

  test("ada lets her phone in by its code, and comes back with her recovery code when both are lost", async () => {
    const ada = await house().person("many-devices");
    const desk = await house().visitAs(ada);
    await openChat(desk.page);
    await begin(desk.page, "Group", { "Name of the group": "Diary" });
    await say(desk.page, "before the others came");

    const pocket = await house().visitAs(ada, { viewport: phone });
    const [page, asks] = [desk.page, pocket.page];
    await asks.getByRole("link", { name: "Chat", exact: true }).click();
    await asks.getByRole("button", { name: "Show a code" }).click();
    const code = (await asks.locator(".digits").textContent()) ?? "";
    await asks.getByRole("img", { name: "The code as a QR code" }).waitFor();
    // The conversation is open, and takes all of a phone's screen.
    await page.setViewportSize(phone);
    const asking = page.locator(".detail .notices");
    await asking.getByText("A device of yours asks to be let in.").waitFor();
    await asking.getByRole("button", { name: "Your devices" }).click();
    const devices = page.getByRole("dialog", { name: "Your devices" });
    await devices.getByLabel("Let a new device in").fill(code);
    await devices.getByRole("button", { name: "Let in" }).click();
    await asks.getByRole("link", { name: /Diary/ }).click();
    await asks.locator(".said", { hasText: "before the others came" }).waitFor();
    await eventually(() => devices.getByRole("button", { name: "Rename" }).count()).toBe(2);

    await devices.getByRole("button", { name: "Make a recovery code" }).click();
    const paper = (await devices.locator(".digits").textContent()) ?? "";
    await devices.getByRole("button", { name: "I have written it down" }).click();
    const group = devices.getByLabel(/^Type group/);
    const [wanted] = /\d+/.exec((await devices.getByText(/^Type group/).textContent()) ?? "") ?? [];
    await group.fill(paper.split("-")[Number(wanted) - 1] ?? "");
    await devices.getByRole("button", { name: "Confirm" }).click();
    await devices.getByText("You have one.").waitFor();
    const faults = [...desk.faults, ...pocket.faults];
    await Promise.all([desk.close(), pocket.close()]);

    const found = await house().visitAs(ada);
    await found.page.getByRole("link", { name: "Chat", exact: true }).click();
    await found.page.getByRole("textbox", { name: "Recovery code" }).fill(paper.toLowerCase());
    await found.page.getByRole("button", { name: "Come back" }).click();
    await found.page.getByRole("link", { name: /Diary/ }).click();
    await found.page.locator(".said", { hasText: "before the others came" }).waitFor();
    expect([...faults, ...found.faults]).toEqual([]);
    await found.close();
  });
}
