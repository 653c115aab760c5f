import { TrackItError, type Upload } from "@trackit/sdk";
import { describe, expect, test } from "vitest";
import { UploadQueue } from "./uploadQueue.ts";

/** An upload whose end is told by hand. */
function held() {
  const calls: string[] = [];
  let end = { arrive: () => {}, fail: (_error: Error) => {} };
  const start = (): Upload => {
    calls.push("start");
    const made = new Promise((resolve, reject) => {
      end = { arrive: () => resolve({}), fail: reject };
    });
    return Object.assign(made, {
      id: "",
      pause: () => void calls.push("pause"),
      resume: () => void calls.push("resume"),
      cancel: async () => void calls.push("cancel"),
    }) as Upload;
  };
  return { calls, start, arrive: () => end.arrive(), fail: (error: Error) => end.fail(error) };
}

function queueOf(count: number) {
  const failures: unknown[] = [];
  const queue = new UploadQueue((error) => failures.push(error));
  const uploads = Array.from({ length: count }, held);
  for (const [at, { start }] of uploads.entries()) queue.add(`${at}.txt`, start);
  const states = () => queue.sends.sending.map(({ name, state }) => `${name} ${state}`);
  const idOf = (name: string) => queue.sends.sending.find((one) => one.name === name)?.id ?? "";
  return { queue, uploads, states, idOf, failures };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("what a page sends", () => {
  test("goes two at a time, and the next as soon as one has arrived", async () => {
    const { queue, uploads, states } = queueOf(4);
    let heard = 0;
    queue.onSent(() => heard++);
    expect(states()).toEqual(["0.txt sending", "1.txt sending", "2.txt waiting", "3.txt waiting"]);
    uploads[1]?.arrive();
    await settled();
    expect(states()).toEqual(["0.txt sending", "2.txt sending", "3.txt waiting"]);
    expect([queue.sends.arrived, heard]).toEqual([1, 1]);
  });

  test("a paused one keeps nobody waiting, and goes on where it was", () => {
    const { queue, uploads, states, idOf } = queueOf(3);
    queue.pause(idOf("0.txt"));
    expect(states()).toEqual(["0.txt paused", "1.txt sending", "2.txt sending"]);
    queue.resume(idOf("0.txt"));
    expect(uploads[0]?.calls).toEqual(["start", "pause", "resume"]);
  });

  test("one that failed stays, and is tried again from its source", async () => {
    const { queue, uploads, states, idOf, failures } = queueOf(1);
    const error = new TrackItError("LIMIT_QUOTA", "files.upload: no room");
    uploads[0]?.fail(error);
    await settled();
    expect(queue.sends.sending[0]).toMatchObject({ state: "failed", error });
    expect(failures).toEqual([error]);
    queue.resume(idOf("0.txt"));
    expect(uploads[0]?.calls).toEqual(["start", "start"]);
    uploads[0]?.arrive();
    await settled();
    expect(states()).toEqual([]);
    expect(queue.sends.arrived).toBe(1);
  });

  test("one that is cancelled gives its place to the next, and what becomes of it counts no more", async () => {
    const { queue, uploads, states, idOf, failures } = queueOf(3);
    queue.cancel(idOf("0.txt"));
    uploads[0]?.fail(new TrackItError("NETWORK_ABORTED", "files.upload: aborted"));
    await settled();
    expect(uploads[0]?.calls).toEqual(["start", "cancel"]);
    expect(states()).toEqual(["1.txt sending", "2.txt sending"]);
    expect([queue.sends.arrived, failures]).toEqual([0, []]);
  });

  test("all of it is held when the page is left by its owner", () => {
    const { queue, uploads } = queueOf(3);
    queue.stop();
    expect(uploads.map(({ calls }) => calls)).toEqual([["start", "pause"], ["start", "pause"], []]);
    expect(queue.sends.sending).toEqual([]);
  });
});
