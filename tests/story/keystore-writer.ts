import { fileKeystore } from "../../sdk/src/store/keys/file/index.ts";

/** A process that writes to a keystore until it is killed: it says each number when its batch is acknowledged. */
const [file = "", hex = ""] = process.argv.slice(2);
const keystore = await fileKeystore({
  path: file,
  name: "ada",
  key: new Uint8Array(Buffer.from(hex, "hex")),
});
console.log(`device ${Buffer.from((await keystore.generate()).sign).toString("hex")}`);
await Promise.all(["a", "b", "c"].map(write));

async function write(line: string): Promise<never> {
  for (;;) {
    const from = await keystore.pin(line);
    const seq = (from?.seq ?? 0) + 1;
    const value = new Uint8Array(1000).fill(seq % 256);
    const to = { seq, hash: new Uint8Array(32).fill(seq % 256) };
    await keystore.batch([
      { record: `${line}/${seq}`, value },
      { pin: line, from, to },
    ]);
    console.log(`${line} ${seq}`);
  }
}
