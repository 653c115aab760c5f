import { afterAll, expect, it } from "vitest";
import { createTrackIt } from "../client.ts";

const trackit = createTrackIt({ url: "http://127.0.0.1:9", key: "sb_publishable_none" });
afterAll(() => trackit.close());

it("a listener that is no function is refused at once, and not when the first row changes", () => {
  expect(() => trackit.tasks.watch({}, "log" as never)).toThrow(
    expect.objectContaining({ code: "USAGE_INVALID", field: "listener" }),
  );
});
