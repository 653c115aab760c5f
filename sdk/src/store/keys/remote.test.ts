import { describe, expect, it } from "vitest";
import { TrackItError } from "../../errors.ts";
import { Remote } from "./remote.ts";
import { type Answer, type Call, fromWire, type Hello, isMethod, METHODS, toWire } from "./wire.ts";

/** A worker of the test's: answers when it is told to. */
class Puppet extends EventTarget {
  readonly calls: Call[] = [];
  ended = false;

  postMessage(data: Hello | Call): void {
    if ("hello" in data) queueMicrotask(() => this.say({ id: 0, value: null }));
    else this.calls.push(data);
  }

  say(data: Answer): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  crash(): void {
    this.dispatchEvent(new Event("error"));
  }

  terminate(): void {
    this.ended = true;
  }
}

function remote(): { puppets: Puppet[]; remote: Remote } {
  const puppets: Puppet[] = [];
  const start = () => {
    const puppet = new Puppet();
    puppets.push(puppet);
    return puppet as unknown as Worker;
  };
  return { puppets, remote: new Remote("ada", start) };
}

const asked = (puppets: Puppet[], at: number, calls: number) =>
  expect.poll(() => puppets[at]?.calls.length).toBe(calls);

describe("a keystore behind a worker", () => {
  it("gives each call its own answer, in whatever order they come", async () => {
    const { puppets, remote: ada } = remote();
    const [one, two] = [ada.call("get", "one"), ada.call("get", "two")];
    await asked(puppets, 0, 2);
    for (const { id, args } of [...(puppets[0]?.calls ?? [])].reverse())
      puppets[0]?.say({ id, value: args[0] });
    expect([await one, await two]).toEqual(["one", "two"]);
  });

  it("that crashes asks a new one again, where that does no harm", async () => {
    const { puppets, remote: ada } = remote();
    const pin = ada.call("pin", "room");
    await asked(puppets, 0, 1);
    puppets[0]?.crash();
    await asked(puppets, 1, 1);
    expect(puppets[0]?.ended).toBe(true);
    puppets[1]?.say({ id: puppets[1].calls[0]?.id ?? 0, value: null });
    expect(await pin).toBeNull();
  });

  it("that crashes under a batch says that it may have been written", async () => {
    const { puppets, remote: ada } = remote();
    const batch = ada.call("batch", []);
    await asked(puppets, 0, 1);
    puppets[0]?.crash();
    await expect(batch).rejects.toMatchObject({
      code: "USAGE_STORAGE",
      hint: expect.stringMatching(/may have been/),
    });
    expect(puppets).toHaveLength(1);
  });

  it("that crashes twice under one call gives up", async () => {
    const { puppets, remote: ada } = remote();
    const get = ada.call("get", "a");
    await asked(puppets, 0, 1);
    puppets[0]?.crash();
    await asked(puppets, 1, 1);
    puppets[1]?.crash();
    await expect(get).rejects.toMatchObject({ code: "USAGE_STORAGE" });
    expect(puppets).toHaveLength(2);
  });

  it("that was closed starts none anew", async () => {
    const { puppets, remote: ada } = remote();
    const get = ada.call("get", "a");
    await asked(puppets, 0, 1);
    ada.close();
    await expect(get).rejects.toMatchObject({ code: "USAGE_STORAGE" });
    await expect(ada.call("get", "a")).rejects.toMatchObject({ code: "USAGE_STORAGE" });
    expect(puppets.map(({ ended }) => ended)).toEqual([true]);
  });
});

describe("the wire", () => {
  it("carries an error with its code, and what is none of ours as text alone", () => {
    const error = new TrackItError("CRYPTO_UNREADABLE", "keystore: x", {
      hint: "h",
      cause: new Error("secret"),
    });
    const there = fromWire(structuredClone(toWire(error)));
    expect(there).toBeInstanceOf(TrackItError);
    expect(there).toMatchObject({ code: "CRYPTO_UNREADABLE", message: "keystore: x", hint: "h" });
    expect(there.cause).toBeUndefined();
    expect(fromWire(toWire(new TypeError("odd")))).toMatchObject({
      code: "USAGE_STORAGE",
      message: expect.stringMatching(/TypeError: odd/),
    });
  });

  it("knows its calls and no others", () => {
    expect(METHODS.every(isMethod)).toBe(true);
    for (const name of ["close", "constructor", "withSecrets", "toString", "__proto__", 1, null]) {
      expect(isMethod(name)).toBe(false);
    }
  });
});
