import { afterAll, beforeAll, describe, test } from "vitest";
import { accountStory } from "./account.story.ts";
import { awayStory } from "./away.story.ts";
import { findChromium, missing } from "./chromium.ts";
import { factorStory } from "./factor.story.ts";
import { goalsStory } from "./goals.story.ts";
import { type House, openHouse } from "./house.ts";
import { keystoreStory } from "./keystore.story.ts";
import { mailStory } from "./mail.story.ts";
import { mailboxStory } from "./mailbox.story.ts";
import { offlineStory } from "./offline.story.ts";
import { profileStory } from "./profile.story.ts";
import { sanitizeStory } from "./sanitize.story.ts";
import { sdkStory } from "./sdk.story.ts";
import { sessionStory } from "./session.story.ts";
import { surfaceStory } from "./surface.story.ts";
import { tasksStory } from "./tasks.story.ts";
import { togetherStory } from "./together.story.ts";

// One stack and one browser serve every story of a file; what needs keys of its own stands in sealed.test.ts.
const executable = findChromium();

if (executable === null) {
  console.warn(missing);
  test(`the web app in a real browser (${missing})`, (context) => context.skip(missing));
} else {
  describe("the web app in a real browser", () => {
    let opened: House;
    beforeAll(async () => {
      opened = await openHouse(executable);
    });
    afterAll(() => opened?.close());
    const house = () => opened;

    describe("accounts", () => accountStory(house));
    describe("sessions", () => sessionStory(house));
    describe("the SDK in tabs", () => sdkStory(house));
    describe("the SDK offline", () => offlineStory(house));
    describe("the keystore", () => keystoreStory(house, executable));
    describe("profile", () => profileStory(house));
    describe("second factor", () => factorStory(house));
    describe("goals", () => goalsStory(house));
    describe("tasks", () => tasksStory(house));
    describe("two devices", () => togetherStory(house));
    describe("away from the network", () => awayStory(house));
    describe("cleaner", () => sanitizeStory(house));
    describe("surface", () => surfaceStory(house));
    describe("mailbox", () => mailboxStory(house));
    describe("mail", () => mailStory(house));
  });
}
