import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Change, Task } from "../../sdk/src/index.ts";
import { Inbox } from "./realtime-wait.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit.stop());

describe("ada's laptop", () => {
  it("is told of what her phone does", async () => {
    const { trackit: phone, email } = await kit.join("watch-ada");
    const laptop = kit.trackit();
    await laptop.auth.signIn({ email, password: PASSWORD });
    const told = new Inbox<Change<Task>>();
    const stop = laptop.tasks.watch({ status: "todo" }, (change) => told.put(change));
    await stop.ready;
    expect(await told.take()).toEqual({ kind: "snapshot", rows: [] });
    const task = await phone.tasks.create({ title: "Shoes" });
    expect(await told.take()).toEqual({ kind: "added", row: task });
    const changed = await phone.tasks.update(task.id, { title: "Boots" });
    expect(await told.take()).toEqual({ kind: "changed", row: changed });
    await phone.tasks.setStatus(task.id, "done");
    expect(await told.take()).toEqual({ kind: "removed", id: task.id });
  });
});
