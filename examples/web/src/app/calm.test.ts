import { expect, test } from "vitest";
import { Calm } from "./calm.ts";

/** A Calm whose time is told by hand. */
function make() {
  let now = 0;
  let timers: { at: number; work: () => void }[] = [];
  const calm = new Calm(
    () => now,
    (work, ms) => timers.push({ at: now + ms, work }),
  );
  const pass = (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 10;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { work } of due) work();
    }
  };
  const done: string[] = [];
  return { calm, pass, done, add: (name: string) => calm.run(() => done.push(name)) };
}

test("nothing waits while nobody points", () => {
  const { done, add } = make();
  add("a");
  expect(done).toEqual(["a"]);
});

test("work waits for a pointer that moves, in its order, and not for ever", () => {
  const { calm, pass, done, add } = make();
  calm.pointed(false);
  add("a");
  add("b");
  pass(200);
  expect(done).toEqual([]);
  pass(400);
  expect(done).toEqual(["a", "b"]);
  add("c");
  for (let n = 0; n < 29; n++) {
    calm.pointed(false);
    pass(100);
  }
  calm.pointed(false);
  add("d");
  expect(done).toEqual(["a", "b", "c"]);
  pass(4_000);
  expect(done).toEqual(["a", "b", "c", "d"]);
});

test("while something is dragged nothing moves", () => {
  const { calm, pass, done, add } = make();
  calm.pointed(true);
  add("a");
  pass(10_000);
  expect(done).toEqual([]);
  calm.pointed(false);
  pass(600);
  expect(done).toEqual(["a"]);
});
