/** What mail somebody takes, through the SDK. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Person, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let ada: Person;
let ben: Person;

beforeAll(async () => {
  kit = await startSdkKit();
  ada = await kit.join("ada");
  ben = await kit.join("ben");
});
afterAll(() => kit?.stop());

const wanted = async ({ trackit }: Person) => (await trackit.mail.preferences()).map((one) => one.wanted);

it("ada switches reminders off and on again; ben's stay as they are", async () => {
  expect(await ada.trackit.mail.preferences()).toEqual([{ kind: "reminders", wanted: true }]);
  await ada.trackit.mail.setPreference("reminders", false);
  expect([await wanted(ada), await wanted(ben)]).toEqual([[false], [true]]);
  await ada.trackit.mail.setPreference("reminders", true);
  expect(await wanted(ada)).toEqual([true]);
});

it("a kind that cannot be switched is refused by name (USAGE_INVALID)", async () => {
  await expect(ada.trackit.mail.setPreference("security", false)).rejects.toMatchObject(
    refusal("USAGE_INVALID", { field: "kind" }),
  );
});

it("whoever holds ben's link switches ben's reminders off, signed in or not; a wrong one is refused", async () => {
  const [row] = await kit.sql<
    { token: string }[]
  >`select private.mail_token(${ben.id}::uuid, 'reminders') as token`;
  const stranger = kit.trackit();
  await expect(stranger.mail.unsubscribe(`${row?.token}0`)).rejects.toMatchObject(refusal("USAGE_INVALID"));
  expect(await stranger.mail.unsubscribe(row?.token ?? "")).toBe("reminders");
  expect([await wanted(ada), await wanted(ben)]).toEqual([[true], [false]]);
});

it("a stranger has no preferences (AUTH_REQUIRED)", async () => {
  await expect(kit.trackit().mail.preferences()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
});
