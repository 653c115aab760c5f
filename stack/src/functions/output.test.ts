import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createFlood } from "./flood.ts";
import { readOutput, type Told } from "./output.ts";

async function read(...chunks: (string | Buffer)[]): Promise<{ told: Told[]; plain: string[] }> {
  const stream = new PassThrough();
  const heard = { told: [] as Told[], plain: [] as string[] };
  readOutput(
    stream,
    "MARK ",
    (told) => heard.told.push(told),
    (line) => heard.plain.push(line),
  );
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.on("close", resolve));
  return heard;
}

describe("readOutput", () => {
  it("tells the prelude's messages from words, however the pipe cuts them", async () => {
    const letter = Buffer.from("ã");
    const heard = await read(
      "hel",
      'lo\nMARK {"rea',
      'dy":true}\n\n',
      letter.subarray(0, 1),
      letter.subarray(1),
      "\nlast",
    );
    expect(heard).toEqual({ told: [{ ready: true }], plain: ["hello", "ã", "last"] });
  });

  it("takes what only looks like a message for words, and takes colours out", async () => {
    const red = `${String.fromCharCode(27)}[31mred${String.fromCharCode(27)}[0m`;
    expect((await read(`MARK no JSON\nOTHER {"ready":true}\n${red}\n`)).plain).toEqual([
      "MARK no JSON",
      'OTHER {"ready":true}',
      "red",
    ]);
  });

  it("keeps the head of a line without end", async () => {
    const { plain } = await read(...Array.from({ length: 100 }, () => "x".repeat(10_000)), "\nnext\n");
    expect(plain.map((line) => line.length)).toEqual([10_000, 4]);
  });
});

describe("createFlood", () => {
  it("admits a thousand lines in ten seconds, and says afterwards how many it dropped", () => {
    let now = 0;
    const dropped: number[] = [];
    const flood = createFlood(
      (lines) => dropped.push(lines),
      () => now,
    );
    expect(Array.from({ length: 1_200 }, () => flood.admits()).filter(Boolean).length).toBe(1_000);
    now = 10_000;
    expect(flood.admits()).toBe(true);
    expect(dropped).toEqual([200]);
  });
});
