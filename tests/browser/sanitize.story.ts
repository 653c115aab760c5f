import { expect, test } from "vitest";
import { desktop, type House, overflow, phone } from "./house.ts";

/** The page that shows a text before and after cleaning. */
export function sanitizeStory(house: () => House): void {
  test("ada pastes a text and sees what is kept and what changes", async () => {
    const ada = await house().person("ada-cleans");
    const { page, faults, close } = await house().visitAs(ada);
    await page.getByRole("link", { name: "Cleaner" }).click();
    const input = page.getByLabel("Text or JSON");
    await input.fill("Run <script>document.title='owned'</script>10 km in < 1 h, says List<String>");
    const after = page.getByRole("region", { name: "After" });
    await expect
      .poll(() => after.locator("pre").textContent())
      .toBe("Run 10 km in < 1 h, says List< String>");
    expect(await page.getByRole("region", { name: "Before" }).locator("del").allTextContents()).toEqual([
      "<script>document.title='owned'</script>",
    ]);
    expect(await after.locator("ins").allTextContents()).toEqual([" "]);
    const changes = page.getByRole("region", { name: "What changes" });
    expect(await changes.getByRole("listitem").allTextContents()).toEqual(
      expect.arrayContaining([
        "Dangerous elements go with their content: script",
        "A space after < keeps it from opening a tag",
      ]),
    );
    await input.fill("a < b, x<-y, i<3");
    await page.getByText("Nothing has to change.").waitFor();
    expect(await page.title()).not.toBe("owned");
    expect(faults).toEqual([]);
    await close();
  });

  test("of JSON she sees which text changed; JSON that is nested too deep is told", async () => {
    const ada = await house().person("ada-pastes");
    const { page, faults, close } = await house().visitAs(ada);
    await page.goto(`${house().web}/sanitize`);
    const input = page.getByLabel("Text or JSON");
    await input.fill('{"goals":[{"title":"<b>Run</b>"}],"n":3}');
    await page.getByText("/goals/0/title").waitFor();
    expect(
      JSON.parse((await page.getByRole("region", { name: "After" }).locator("pre").textContent()) ?? ""),
    ).toEqual({ goals: [{ title: "< b>Run< /b>" }], n: 3 });
    await input.fill(`${"[".repeat(65)}${"]".repeat(65)}`);
    await page.getByRole("alert").waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test("it fits every screen, in Portuguese and in the dark, and asks no server about the text", async () => {
    const ada = await house().person("ada-abroad");
    const { page, faults, close } = await house().visitAs(ada, { locale: "pt-BR", colorScheme: "dark" });
    await page.getByRole("link", { name: "Limpeza" }).click();
    await page.getByRole("button", { name: "Ver um exemplo" }).click();
    await page.getByRole("region", { name: "O que muda" }).waitFor();
    const asked: string[] = [];
    // What the app watches compares heads every half minute, whatever page is open.
    const isHeadCheck = /\/rest\/v1\/rpc\/(?:my_topic|feed_since)$/;
    page.on("request", (request) => {
      const what = `${request.url()} ${request.postData() ?? ""}`;
      if (!isHeadCheck.test(request.url()) || what.includes("longo")) asked.push(what);
    });
    await page.getByLabel("Texto ou JSON").fill(`<b>${"longo".repeat(60)}</b>`);
    await expect
      .poll(() => page.getByRole("region", { name: "Depois" }).locator("pre").textContent())
      .toMatch(/^< b>longo/);
    for (const width of [320, phone.width, 768, desktop.width]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await overflow(page), `${width} pixels`).toBeLessThanOrEqual(0);
    }
    expect(asked).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });
}
