import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  asNobody,
  cleanUp,
  giveToNobody,
  isRoot,
  makeFolder,
  makeProject,
  readNotes,
  run,
  startUp,
  waitFor,
  writeNote,
} from "./stack-kit.ts";

afterAll(cleanUp);

const start = (project: string, ...words: string[]) =>
  run(["start", "--port", "0", "--project", project, ...words]);

describe("a data directory that cannot be used", () => {
  it("is a file: says so", async () => {
    const project = makeProject();
    writeFileSync(path.join(project, "data"), "");
    const { code, stderr } = await start(project, "--data", path.join(project, "data"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("/data: it is a file, want a folder")]);
  });

  it("lies below a file: says so", async () => {
    const project = makeProject();
    writeFileSync(path.join(project, "data"), "");
    const { code, stderr } = await start(project, "--data", path.join(project, "data", "below"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("is a file, want folders")]);
  });

  it("holds other things: is refused and left as it was", async () => {
    const project = makeProject();
    chmodSync(project, 0o755);
    const { code, stderr } = await start(project, "--data", project);
    expect([code, stderr]).toEqual([1, expect.stringContaining("it holds other things (supabase)")]);
    expect(statSync(project).mode & 0o777).toBe(0o755);
  });

  it("is closed to this user: says so", async () => {
    const project = makeProject();
    giveToNobody(project);
    const closed = makeFolder("closed");
    chmodSync(closed, 0o500);
    if (isRoot) chownSync(closed, 0, 0);
    const words = ["start", "--port", "0", "--project", project, "--data", path.join(closed, "data")];
    const { code, stderr } = await run(words, { as: asNobody });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("this user may not write there; choose another"),
    ]);
  });

  it("has a name longer than the system allows: says so", async () => {
    const project = makeProject();
    const { code, stderr } = await start(project, "--data", path.join(project, "x".repeat(300)));
    expect([code, stderr]).toEqual([1, expect.stringContaining("longer than the system allows")]);
  });
});

describe("unusual places", () => {
  it.each([
    ["with spaces, accents and signs", "Ação de graças & 目标 'a' \"b\" $HOME"],
    ["longer than a Unix socket's path may be", path.join("a".repeat(90), "b".repeat(90))],
    ["with a comma", "one,two"],
  ])("a path %s works", async (_, name) => {
    const up = await startUp({ project: makeProject(undefined, name) });
    expect((await writeNote(up, "hello")).status).toBe(201);
    expect(await readNotes(up)).toEqual(["hello"]);
    expect((await up.end()).code).toBe(0);
  });

  it("a project that may only be read works with a data directory elsewhere", async () => {
    const project = makeProject();
    execFileSync("chmod", ["-R", "a-w", project]);
    const up = await startUp({ project, data: path.join(makeFolder(), "data") });
    expect(await readNotes(up)).toEqual([]);
    await up.end();
    execFileSync("chmod", ["-R", "u+w", project]);
    expect(readdirSync(project)).toEqual(["supabase"]);
  });

  it("a project below a folder that is closed to others (0700) works", async () => {
    const home = makeFolder("home");
    const project = path.join(home, "project");
    cpSync(makeProject(), project, { recursive: true });
    chmodSync(home, 0o700);
    const up = await startUp({ project });
    expect(await readNotes(up)).toEqual([]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    await up.end();
  });

  // An ordinary user's Postgres runs as that user, and has no such trouble.
  if (isRoot)
    it("a project below a folder that is closed to Postgres' user, without setpriv: says which", async () => {
      const home = makeFolder("home");
      const project = path.join(home, "project");
      cpSync(makeProject(), project, { recursive: true });
      chmodSync(home, 0o700);
      const { code, stderr } = await run(["start", "--port", "0", "--project", project], {
        env: { PATH: "/nowhere" },
      });
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/cannot start Postgres: it runs as user \d+ and cannot enter \//),
      ]);
    });

  it("an ordinary user's stack runs as that user, and root may go on with its data", async () => {
    const project = makeProject();
    giveToNobody(project);
    const up = await startUp({ project, as: asNobody });
    expect((await writeNote(up, "mine")).status).toBe(201);
    expect(statSync(path.join(up.data, "postgres", "cluster")).uid).toBe(isRoot ? 65534 : process.getuid?.());
    expect((await up.end()).code).toBe(0);
    const again = await startUp({ project });
    expect(await readNotes(again)).toEqual(["mine"]);
    await again.end();
  });
});

describe("spoilt files", () => {
  const project = makeProject();
  const data = path.join(project, ".trackit");
  const inData = (...names: string[]) => path.join(data, ...names);

  it("keys.json that is none: says what is wrong, and goes on once it is put back", async () => {
    const up = await startUp({ project });
    await up.end();
    const keys = readFileSync(inData("keys.json"), "utf8");
    for (const [text, reason] of [
      ["{", "it is no JSON"],
      ["null", "it is no JSON object"],
      ["{}", "it lacks publishableKey"],
      [null, "the file is gone"],
    ] as const) {
      if (text === null) rmSync(inData("keys.json"));
      else writeFileSync(inData("keys.json"), text);
      const { code, stderr } = await start(project);
      expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
    }
    writeFileSync(inData("keys.json"), keys, { mode: 0o600 });
    const again = await startUp({ project });
    expect(again.env.SECRET_KEY).toBe(up.env.SECRET_KEY);
    await again.end();
  });

  it("a lock whose number now belongs to another process, and a state of another stack: are not believed", async () => {
    const [lock = ""] = readdirSync(data).filter((name) => name.startsWith("lock."));
    writeFileSync(inData(lock), `${process.pid} of-another-boot 12345\n`);
    writeFileSync(inData("state.json"), JSON.stringify({ pid: process.pid, env: {} }));
    expect((await run(["status", "--data", data])).code).toBe(1);
    const up = await startUp({ project });
    writeFileSync(inData("state.json"), "{");
    const status = await run(["status", "--data", data]);
    expect([status.code, status.stderr]).toEqual([1, expect.stringContaining(`process ${up.pid}`)]);
    expect((await run(["stop", "--data", data])).code).toBe(0);
  });

  it("a postmaster.pid whose number now belongs to another process: is put aside, and that process left alone", async () => {
    writeFileSync(inData("postgres", "cluster", "postmaster.pid"), `${process.pid}\n/somewhere\n`);
    const up = await startUp({ project });
    expect(await readNotes(up)).toEqual([]);
    await up.end();
  });
});

// Only root may mount the small disk that this needs; elsewhere the units beside the code stand for it.
if (canMount())
  describe("a full or closed disk", () => {
    it("at the first start: says so, and the same start works once there is room", async () => {
      const project = makeProject();
      const disk = mountDisk(makeFolder("disk"), "20m");
      try {
        const { code, stderr } = await start(project, "--data", path.join(disk, "data"));
        expect([code, stderr]).toEqual([1, expect.stringContaining("the disk is full")]);
        execFileSync("mount", ["-o", "remount,size=200m", disk]);
        const up = await startUp({ project, data: path.join(disk, "data") });
        expect(await readNotes(up)).toEqual([]);
        await up.end();
      } finally {
        execFileSync("umount", ["--lazy", disk]);
      }
    });

    it("that may only be read: says so", async () => {
      const project = makeProject();
      const disk = mountDisk(makeFolder("disk"), "1m");
      execFileSync("mount", ["-o", "remount,ro", disk]);
      try {
        const { code, stderr } = await start(project, "--data", path.join(disk, "data"));
        expect([code, stderr]).toEqual([1, expect.stringContaining("it is on a read-only file system")]);
      } finally {
        execFileSync("umount", ["--lazy", disk]);
      }
    });

    it("while it runs: writing is refused with a typed error, and goes on once there is room", async () => {
      const disk = mountDisk(makeFolder("disk"), "120m");
      try {
        const up = await startUp({ data: path.join(disk, "data") });
        expect((await writeNote(up, "before")).status).toBe(201);
        const ballast = path.join(disk, "ballast");
        fill(ballast);
        const refused = await waitFor(async () => {
          const answer = await writeNote(up, "x".repeat(500_000));
          return answer.status === 201 ? undefined : answer;
        });
        expect(refused.status).toBeGreaterThanOrEqual(500);
        expect(await refused.json()).toHaveProperty("code");
        rmSync(ballast, { recursive: true });
        await waitFor(async () => (await writeNote(up, "after")).status === 201);
        const kept = await readNotes(up);
        expect([kept[0], kept.at(-1)]).toEqual(["before", "after"]);
        expect((await up.end()).code).toBe(0);
      } finally {
        execFileSync("umount", ["--lazy", disk]);
      }
    });
  });

function canMount(): boolean {
  if (!isRoot) return false;
  const folder = makeFolder("mount");
  try {
    mountDisk(folder, "1m");
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  }
}

function mountDisk(folder: string, size: string): string {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=755`, "tmpfs", folder], { stdio: "pipe" });
  return folder;
}

function fill(file: string): void {
  for (let n = 0; ; n++) {
    try {
      mkdirSync(file, { recursive: true });
      writeFileSync(path.join(file, String(n)), Buffer.alloc(1_000_000, 1));
    } catch {
      expect(existsSync(file)).toBe(true);
      return;
    }
  }
}
