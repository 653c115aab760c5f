import { expect, test } from "vitest";
import { deviceName } from "./deviceName.ts";

test("devices are named as people know them", () => {
  const windows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
  const phone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
  expect(deviceName(windows)).toBe("Edge, Windows");
  expect(deviceName(phone)).toBe("Safari, iOS");
  expect(deviceName("node")).toBe("Node.js");
  expect(deviceName("curl/8.0")).toBe("curl/8.0");
  expect(deviceName(null)).toBeNull();
});
