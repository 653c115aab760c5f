import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually, type House, overflow, phone } from "./house.ts";

const text = (name: string, content: string) => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(content),
});

/** A file of one colour that a browser can make a small picture of. */
const picture = {
  name: "teal.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64",
  ),
};

async function openFiles(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Files", exact: true }).click();
  await page.getByRole("heading", { name: "Files", level: 1 }).waitFor();
}

async function choose(page: Page, button: string, ...files: ReturnType<typeof text>[]): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button, exact: true }).click();
  await (await choosing).setFiles(files);
}

async function upload(page: Page, ...files: ReturnType<typeof text>[]): Promise<void> {
  await choose(page, "Upload", ...files);
  for (const { name } of files) await page.getByRole("link", { name }).waitFor();
}

async function downloaded(page: Page, button: string): Promise<{ name: string; content: string }> {
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: button, exact: true }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), "utf8") };
}

/** Drops a file onto the middle of the page, as from a desktop. */
function drop(page: Page, name: string, content: string): Promise<void> {
  return page.evaluate(
    ([called, written]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([written ?? ""], called ?? "", { type: "text/plain" }));
      for (const kind of ["dragenter", "dragover", "drop"])
        document
          .querySelector("main")
          ?.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
    },
    [name, content],
  );
}

/** Files in a real browser, from the one who sends them to a stranger with a link. */
export function filesStory(house: () => House): void {
  test("ada sends files, orders them, and takes one back from the trash", async () => {
    const { page } = await house().visitAs(await house().person("files-ada"));
    await openFiles(page);
    await upload(page, text("list.txt", "two eggs"), picture);
    await page.locator(".file-mark img").waitFor();
    await drop(page, "dropped.txt", "hello");
    await page.getByRole("link", { name: "dropped.txt" }).waitFor();
    await page.getByRole("button", { name: "New folder" }).click();
    const dialog = page.getByRole("dialog", { name: "New folder" });
    await dialog.getByLabel("Name of the folder").fill("Kitchen");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "Kitchen" }).waitFor();
    await page.getByRole("link", { name: "list.txt" }).click();
    await page.getByLabel("Name", { exact: true }).fill("shopping.txt");
    await page.getByLabel("Move to").selectOption({ label: "Kitchen" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "list.txt" }).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Kitchen" }).click();
    await page.getByRole("link", { name: "shopping.txt" }).click();
    expect(await downloaded(page, "Download")).toEqual({ name: "shopping.txt", content: "two eggs" });
    await page.getByRole("button", { name: "Move to trash", exact: true }).click();
    await page.getByRole("link", { name: "shopping.txt" }).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Trash" }).click();
    await page.getByRole("link", { name: "shopping.txt" }).click();
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByText("The trash is empty").waitFor();
    await page.getByRole("link", { name: "My files" }).click();
    await page.getByRole("link", { name: "Kitchen" }).click();
    await page.getByRole("link", { name: "shopping.txt" }).waitFor();
    await page.getByRole("button", { name: "Move folder to trash" }).click();
    await page.getByRole("link", { name: "Kitchen" }).waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Trash" }).click();
    await page.getByRole("button", { name: "Restore: Kitchen" }).click();
    await page.getByText("The trash is empty").waitFor();
    await page.getByRole("link", { name: "My files" }).click();
    await page.getByLabel("Search by name").fill("SHOP");
    await page.getByRole("link", { name: "shopping.txt" }).waitFor();
  });

  test("ada's upload goes on after a reload from where it was, and after a page in between by itself", async () => {
    const { page } = await house().visitAs(await house().person("resume-ada"));
    await openFiles(page);
    const parts: string[] = [];
    page.on("request", (one) => {
      if (one.method() === "PATCH" && one.url().includes("/upload/resumable/"))
        parts.push(one.headers()["upload-offset"] ?? "");
    });
    // The second part hangs, as on a line that is gone.
    await page.route("**/upload/resumable/**", (route) =>
      route.request().headers()["upload-offset"] === "6291456" ? undefined : route.continue(),
    );
    const long = { ...text("long.bin", ""), buffer: Buffer.alloc(7_000_000, "trackit") };
    await choose(page, "Upload", long);
    await eventually(() => parts.length).toBe(2);
    await page.getByRole("link", { name: "Tasks" }).click();
    await page.getByRole("heading", { name: "Tasks", level: 1 }).waitFor();
    await openFiles(page);
    await page.getByRole("progressbar", { name: "long.bin, being sent" }).waitFor();
    page.once("dialog", (question) => void question.accept());
    await page.reload();
    await page.getByRole("heading", { name: "Begun before" }).waitFor();
    await page.unrouteAll();
    parts.length = 0;
    await choose(page, "Choose the file", long);
    await page.getByRole("link", { name: "long.bin" }).waitFor();
    expect(parts).toEqual(["6291456"]);
  });

  test("a device without keys is told how it comes by them, and shows no list of what it cannot open", async () => {
    const ada = await house().person("keyless-ada");
    const first = await house().visitAs(ada);
    await openFiles(first.page);
    await upload(first.page, text("secret.txt", "sealed"));
    const { page } = await house().visitAs(ada, { viewport: phone });
    await openFiles(page);
    await page.getByRole("heading", { name: "This device is not one of yours yet" }).waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await page.locator(".file-row").count()).toBe(0);
  });

  test("ada's link opens her file for a stranger with its password, and for nobody once she ends it", async () => {
    const { page } = await house().visitAs(await house().person("links-ada"));
    await openFiles(page);
    await upload(page, text("plan.txt", "the way to the lake"));
    await page.getByRole("link", { name: "plan.txt" }).click();
    await page.getByRole("button", { name: "New link" }).click();
    const dialog = page.getByRole("dialog", { name: "New link" });
    await dialog.getByRole("textbox", { name: "Password" }).fill("pancake");
    await dialog.getByRole("button", { name: "Make a link" }).click();
    await dialog.getByRole("img", { name: "QR code" }).waitFor();
    const link = await dialog.getByRole("textbox").inputValue();
    await dialog.getByRole("button", { name: "Close" }).click();

    const stranger = await house().visit({ viewport: phone, colorScheme: "dark" });
    const asked: string[] = [];
    stranger.page.on("request", (request) =>
      asked.push(`${request.url()} ${request.postData() ?? ""} ${JSON.stringify(request.headers())}`),
    );
    await stranger.page.goto(link);
    await stranger.page.getByRole("textbox", { name: "Password" }).fill("waffle");
    await stranger.page.getByRole("button", { name: "Open" }).click();
    await stranger.page.getByText("That password is not right.").waitFor();
    expect(stranger.page.url()).not.toContain("#");
    expect(await overflow(stranger.page)).toBe(0);
    await stranger.page.getByRole("textbox", { name: "Password" }).fill("pancake");
    await stranger.page.getByRole("button", { name: "Open" }).click();
    await stranger.page.getByRole("heading", { name: "plan.txt" }).waitFor();
    const file = await downloaded(stranger.page, "Save the file");
    expect(file).toEqual({ name: "plan.txt", content: "the way to the lake" });
    const secret = link.slice(link.indexOf("#") + 4);
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((request) => request.includes(secret))).toEqual([]);

    await stranger.page.reload();
    await stranger.page.getByRole("heading", { name: "Open the link once more" }).waitFor();

    await page.getByText("What happened").click();
    await page.getByText("Wrong password · somebody without an account").waitFor();
    await page.getByText("Link opened · somebody without an account").waitFor();
    await page.getByRole("button", { name: "End it" }).click();
    await page.getByRole("group").getByRole("button", { name: "End it" }).click();
    await page.getByText("One that is over").click();
    await page.getByText(/^ended by you · opened once/).waitFor();
    await stranger.page.goto("about:blank");
    await stranger.page.goto(link);
    await stranger.page.getByRole("heading", { name: "This link opens nothing" }).waitFor();
  });

  test("ben finds what ada shares with him, and no more once she takes it back", async () => {
    const [ada, ben] = [await house().person("give-ada"), await house().person("give-ben")];
    const [desk, pocket] = [await house().visitAs(ada), await house().visitAs(ben, { viewport: phone })];
    // Whoever has opened files once has keys that one can be handed to.
    await openFiles(pocket.page);
    await pocket.page.getByText("No files yet").waitFor();
    await openFiles(desk.page);
    await upload(desk.page, text("recipe.txt", "flour and milk"));
    await desk.page.getByRole("link", { name: "recipe.txt" }).click();
    await desk.page.getByLabel("Share with").fill(ben.username);
    await desk.page.getByRole("button", { name: "Share", exact: true }).click();
    await desk.page.getByRole("button", { name: `Take back from ${ben.username}` }).waitFor();
    await pocket.page.getByRole("link", { name: "Shared with me" }).click();
    await pocket.page.getByRole("link", { name: "recipe.txt" }).click();
    expect(await overflow(pocket.page)).toBe(0);
    expect((await downloaded(pocket.page, "Download")).content).toBe("flour and milk");
    await desk.page.getByRole("button", { name: `Take back from ${ben.username}` }).click();
    await desk.page
      .getByRole("button", { name: `Take back from ${ben.username}` })
      .waitFor({ state: "detached" });
    await pocket.page.reload();
    await pocket.page.getByText("Nobody has shared a file with you yet").waitFor({ state: "attached" });
  });
}
