import { afterAll, beforeAll, describe, test } from "vitest";
import { chatStory } from "./chat.story.ts";
import { chatInvitedStory } from "./chat-invited.story.ts";
import { chatTabsStory } from "./chat-tabs.story.ts";
import { findChromium, missing } from "./chromium.ts";
import { filesStory } from "./files.story.ts";
import { type House, openHouse } from "./house.ts";

const executable = findChromium();

if (executable === null) {
  console.warn(missing);
  test(`what is sealed, in a real browser (${missing})`, (context) => context.skip(missing));
} else {
  describe("what is sealed, in a real browser", () => {
    let opened: House;
    beforeAll(async () => {
      opened = await openHouse(executable);
    });
    afterAll(() => opened?.close());
    const house = () => opened;

    describe("chat", () => chatStory(house));
    describe("chat by invitation", () => chatInvitedStory(house));
    describe("chat in tabs", () => chatTabsStory(house));
    describe("files", () => filesStory(house));
  });
}
