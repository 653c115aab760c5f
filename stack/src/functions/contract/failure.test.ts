import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandOf, until } from "../../process/running.ts";
import { type Fixture, openFixture, quick } from "./fixture.ts";

const sources = {
  well: `let count = 0; Deno.serve(() => Response.json({ count: ++count }));`,
  fragile: `
const waiting = new Promise(() => {});
Deno.serve(async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/wait")) { console.log("waits"); await waiting; }
  if (pathname.endsWith("/exit")) Deno.exit(3);
  if (pathname.endsWith("/reject")) { Promise.reject(new Error("nobody hears")); await waiting; }
  if (pathname.endsWith("/throw")) throw new Error("said in the log alone");
  if (pathname.endsWith("/cut")) return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(10)); setTimeout(() => Deno.exit(4), 20); } }));
  return new Response("fine");
});`,
  hungry: `
Deno.serve((request) => {
  const kept = [];
  const buffers = new URL(request.url).pathname.endsWith("/buffers");
  return new Promise(() => {
    const eat = () => { kept.push(buffers ? new Uint8Array(8_000_000).fill(1) : new Array(100_000).fill({})); setTimeout(eat); };
    eat();
  });
});`,
  slow: `Deno.serve(async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/spin")) for (;;);
  if (pathname.endsWith("/hang")) await new Promise(() => {});
  if (pathname.endsWith("/drip")) return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); } }));
  return new Response("fine");
});`,
  broken: `import { nothing } from "./nothing.ts"; Deno.serve(nothing);`,
  silent: `console.log("never serves");`,
  sleepy: `Deno.serve((request) => {
  if (new URL(request.url).pathname.endsWith("/task")) EdgeRuntime.waitUntil(new Promise((done) => setTimeout(done, 1500)).then(() => console.log("task done")));
  return new Response("fine");
});`,
  loud: `const text = new TextEncoder().encode("y".repeat(65536)); for (let i = 0; i < 100; i++) Deno.stdout.writeSync(text); for (let i = 0; i < 3000; i++) console.log(i); Deno.serve(() => new Response("fine"));`,
  late: `console.log("loads"); await new Promise((done) => setTimeout(done, 700)); Deno.serve(() => new Response("fine"));`,
  warm: `console.log("loaded"); Deno.serve(() => new Response("fine"));`,
};

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture({
    sources,
    trackit: {
      slow: { requestSeconds: 1.5, wallClockSeconds: 2.5 },
      sleepy: { idleSeconds: 0.2 },
      late: { idleSeconds: 0.2 },
      warm: { warm: true, idleSeconds: 0.1 },
    },
  });
});
afterAll(() => fixture.close());

const outcome = async (path: string) => {
  const answer = await fixture.call(path);
  const text = await answer.text();
  return answer.ok ? text : `${answer.status} ${(JSON.parse(text) as { code: string }).code}`;
};

describe("a function that dies", () => {
  it("takes its own requests along (502), its neighbour's go on, and the next request finds it anew", async () => {
    const count = async () => ((await (await fixture.call("well")).json()) as { count: number }).count;
    const before = await count();
    const waiting = outcome("fragile/wait");
    await fixture.log(({ message }) => message === "waits");
    expect(await outcome("fragile/exit")).toBe("502 WORKER_ERROR");
    expect(await waiting).toBe("502 WORKER_ERROR");
    expect(await count()).toBe(before + 1);
    expect(await outcome("fragile")).toBe("fine");
  });

  it("is named by a code, with the request's id and nothing of its words; its log has them", async () => {
    const answer = await fixture.call("fragile/reject", { headers: { "x-request-id": "ada-asks-0002" } });
    const text = await answer.text();
    expect(answer.status).toBe(502);
    expect(JSON.parse(text)).toMatchObject({ code: "WORKER_ERROR", request_id: "ada-asks-0002" });
    expect(text).not.toContain("nobody hears");
    await fixture.log(({ message }) => message?.includes("nobody hears") === true);
  });

  it("in the middle of an answer cuts it, so that nobody takes a part for the whole", async () => {
    const answer = await fixture.call("fragile/cut");
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it("many times is found anew as many times", async () => {
    for (let time = 0; time < 5; time++) {
      expect(await outcome("fragile/exit")).toBe("502 WORKER_ERROR");
      expect(await outcome("fragile")).toBe("fine");
    }
  });

  it("is killed from outside: the next request is answered", async () => {
    expect(await outcome("fragile")).toBe("fine");
    const pid = fixture.part.pid("fragile") ?? 0;
    process.kill(pid, "SIGKILL");
    await until(() => fixture.part.pid("fragile") === null, 5_000);
    expect(await outcome("fragile")).toBe("fine");
  });
});

it("kills under load concern the killed alone: 10 kills, the neighbour answers every request", async () => {
  const seen = new Set<string>();
  let stop = false;
  const ask = async (path: string, note: (answer: string) => void) => {
    while (!stop) note(await outcome(path));
  };
  const neighbour: string[] = [];
  const loads = [
    ...Array.from({ length: 4 }, () => ask("fragile", (answer) => void seen.add(answer))),
    ...Array.from({ length: 2 }, () => ask("warm", (answer) => void neighbour.push(answer))),
  ];
  for (let kill = 0; kill < 10; kill++) {
    expect(await until(() => fixture.part.pid("fragile") !== null, 10_000)).toBe(true);
    const pid = fixture.part.pid("fragile") ?? 0;
    process.kill(pid, "SIGKILL");
    expect(await until(() => fixture.part.pid("fragile") !== pid, 10_000)).toBe(true);
  }
  stop = true;
  await Promise.all(loads);
  expect(new Set(neighbour)).toEqual(new Set(["fine"]));
  expect(
    [...seen].filter((answer) => !["fine", "502 WORKER_ERROR", "503 BOOT_ERROR"].includes(answer)),
  ).toEqual([]);
  expect(await outcome("fragile")).toBe("fine");
});

describe("a function that throws", () => {
  it("is answered with 500 by Deno itself and lives on", async () => {
    const before = await fixture.call("fragile").then(() => fixture.part.pid("fragile"));
    const answer = await fixture.call("fragile/throw");
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("said in the log alone");
    expect(fixture.part.pid("fragile")).toBe(before);
  });
});

describe("a function that takes more than it may", () => {
  it("of heap or of buffers is ended (546), and its next request answered", async () => {
    expect(await outcome("hungry/heap")).toBe("546 WORKER_LIMIT");
    expect(await outcome("hungry/buffers")).toBe("546 WORKER_LIMIT");
  });

  it("of time is answered in its place (504), by waiting or by spinning; others find it anew", async () => {
    expect(await outcome("slow/hang")).toBe("504 IDLE_TIMEOUT");
    expect(await outcome("slow/spin")).toBe("504 IDLE_TIMEOUT");
    expect(await outcome("slow")).toBe("fine");
  });

  it("of time within its answer is cut", async () => {
    const answer = await fixture.call("slow/drip");
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});

it("a function that talks without end is heard to a bound, and answers", async () => {
  expect(await outcome("loud")).toBe("fine");
  const lines = await fixture.log((line) => line.function === "loud" && line.event === "request");
  const own = lines.filter(
    (line) => line.function === "loud" && (line.event === "log" || line.event === "output"),
  );
  expect(own.length).toBe(1_000);
});

describe("a function that does not start", () => {
  it("is a 503 with a code, the reason in the log", async () => {
    expect(await outcome("broken")).toBe("503 BOOT_ERROR");
    expect(await outcome("silent")).toBe("503 BOOT_ERROR");
    await fixture.log((line) => line.function === "broken" && line.message?.includes("nothing.ts") === true);
  });

  it("answers once its file is mended", async () => {
    await fixture.write("functions/broken/index.ts", `Deno.serve(() => new Response("mended"));`);
    expect(await outcome("broken")).toBe("mended");
  });
});

describe("a process", () => {
  it("begins with the first request, and with the stack where the function is declared warm", async () => {
    await fixture.log((line) => line.function === "warm" && line.message === "loaded");
    expect(fixture.part.pid("warm")).toBeGreaterThan(0);
  });

  it("whose only caller left while it started is idle, and ends", async () => {
    const leaving = new AbortController();
    const asked = fixture.call("late", { signal: leaving.signal });
    asked.catch(() => {});
    await fixture.log(({ message }) => message === "loads");
    const pid = fixture.part.pid("late") ?? 0;
    leaving.abort();
    await expect(asked).rejects.toThrow();
    expect(await until(() => commandOf(pid) === null, 10_000)).toBe(true);
  });

  it("ends when it is idle, and not before its background tasks are done", async () => {
    await fixture.call("sleepy/task");
    const pid = fixture.part.pid("sleepy") ?? 0;
    await fixture.log(({ message }) => message === "task done");
    expect(await until(() => commandOf(pid) === null, 5_000)).toBe(true);
    expect(await outcome("sleepy")).toBe("fine");
  });

  it("is renewed when its file, a file that it imports, or what it declares changes", async () => {
    const answers = (text: string) => until(async () => (await outcome("well")) === text, 10_000, 50);
    await outcome("well");
    await fixture.write("functions/_shared/word.ts", `export const word = "one";`);
    await fixture.write(
      "functions/well/index.ts",
      `import { word } from "../_shared/word.ts"; Deno.serve(() => new Response(word));`,
    );
    expect(await answers("one")).toBe(true);
    await fixture.write("functions/_shared/word.ts", `export const word: string = "two";`);
    expect(await answers("two")).toBe(true);
    const before = fixture.part.pid("well");
    await fixture.write(
      "functions/deno.json",
      JSON.stringify({ imports: {}, trackit: { "*": { ...quick, idleSeconds: 50 } } }),
    );
    expect(
      await until(
        async () => (await outcome("well")) === "two" && fixture.part.pid("well") !== before,
        10_000,
        50,
      ),
    ).toBe(true);
  });

  it("ends with the stack", async () => {
    await outcome("well");
    const pid = fixture.part.pid("well") ?? 0;
    expect(commandOf(pid)).toContain("deno");
    await fixture.part.close();
    expect(commandOf(pid)).toBe(null);
    expect(await outcome("well")).toBe("503 BOOT_ERROR");
  });
});
