// Loaded into a stack before anything else: ends it, or the Postgres that it talks to, at the step that is written in the
// file of TRACKIT_DEATH ({at, count, victim, cluster}, see deaths.ts). The file is gone once that has happened.
const fs = require("node:fs");
const fsp = require("node:fs/promises");
const path = require("node:path");
const diagnostics = require("node:diagnostics_channel");
const { syncBuiltinESMExports } = require("node:module");
const { isMainThread } = require("node:worker_threads");
const pg = require("pg");

const { readFileSync, rmSync } = fs;
const file = process.env.TRACKIT_DEATH;
let armed = "";
let wanted = null;

/** A step is reached; `backend` is the server process that it talks to. */
function reach(step, backend) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return;
  }
  if (text !== armed) wanted = JSON.parse(text);
  armed = text;
  if (step !== wanted.at || --wanted.count > 0) return;
  const pid = pidOf(wanted, backend);
  // It may just be starting: then it dies at the next time.
  if (!(pid > 0)) return;
  rmSync(file);
  process.kill(pid, "SIGKILL");
}

function pidOf({ victim, cluster }, backend) {
  if (victim === "stack") return process.pid;
  if (victim === "backend") return backend;
  try {
    return Number(readFileSync(path.join(cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return 0;
  }
}

const isOurs = (name) => /[\\/]storage[\\/]objects[\\/]/.test(String(name));

/** A function of files, with a step before and after it where it is about an object's. */
function stepAround(owner, name, step, fileOf = (args) => args[0]) {
  const own = owner[name];
  owner[name] = async function (...args) {
    if (!isOurs(fileOf(args))) return own.apply(this, args);
    reach(`before ${step}`);
    const result = await own.apply(this, args);
    reach(`after ${step}`);
    return result;
  };
}

function watchFiles() {
  const { open } = fsp;
  fsp.open = async (name, flags, ...rest) => {
    if (!isOurs(name) || (flags !== "wx" && flags !== "r" && flags !== "r+"))
      return open(name, flags, ...rest);
    if (flags === "wx") reach("before file made");
    const handle = await open(name, flags, ...rest);
    if (flags === "wx") reach("after file made");
    for (const [method, step] of [
      ["writev", "bytes written"],
      ["sync", flags === "r" ? "folder synced" : "file synced"],
    ])
      stepAround(handle, method, step, () => name);
    return handle;
  };
  stepAround(fsp, "rm", "file removed");
  stepAround(fsp, "link", "file linked");
  stepAround(fsp, "writeFile", "upload's file made");
  const { createWriteStream } = fs;
  fs.createWriteStream = (name, ...rest) => {
    const stream = createWriteStream(name, ...rest);
    if (isOurs(name)) for (const method of ["_write", "_writev"]) watchWrite(stream, method);
    return stream;
  };
  syncBuiltinESMExports();
}

function watchWrite(stream, method) {
  const own = stream[method];
  stream[method] = function (...args) {
    const done = args.pop();
    reach("before part written");
    own.call(this, ...args, (...given) => {
      reach("after part written");
      done(...given);
    });
  };
}

const statements = [
  [/^commit$/, "commit"],
  [/^insert into storage\.objects/, "row written"],
  [/^update storage\.objects set bucket_id/, "row moved"],
  [/^delete from storage\.objects/, "row removed"],
  [/^select pg_advisory_xact_lock/, "name locked"],
  [/^insert into storage\.s3_multipart_uploads/, "upload noted"],
  [/^delete from storage\.s3_multipart_uploads where id/, "upload ended"],
  [/^delete from storage\.s3_multipart_uploads where created_at/, "uploads expired"],
  [/^select version from storage\.objects where version = any/, "rows of files asked"],
];

function watchDatabase() {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (config, ...rest) {
    const text = typeof config === "string" ? config : config?.text;
    const step = typeof text === "string" && statements.find(([form]) => form.test(text.trim()))?.[1];
    if (!step || typeof config?.submit === "function") return query.call(this, config, ...rest);
    const backend = this.processID;
    const ended = () => reach(`after ${step}`, backend);
    const callback = rest.at(-1);
    reach(`before ${step}`, backend);
    if (typeof callback === "function")
      rest[rest.length - 1] = (...given) => {
        ended();
        callback(...given);
      };
    const asked = query.call(this, config, ...rest);
    reach(`while ${step}`, backend);
    return typeof callback === "function"
      ? asked
      : asked.then((result) => {
          ended();
          return result;
        });
  };
}

/** What a request to the gateway is about, where it is about files. */
function subjectOf({ method, url }) {
  if (/^\/storage\/v1\/(object|upload)/.test(url) && method !== "GET" && method !== "OPTIONS")
    return "storage";
  return /^\/rest\/v1\/rpc\/(\w*(?:upload|file|version|removal|removed)\w*)/.exec(url)?.[1];
}

function watchRequests() {
  diagnostics.subscribe("http.server.request.start", ({ request, response }) => {
    const subject = subjectOf(request);
    if (!subject) return;
    const { push } = request;
    request.push = (bytes, ...rest) => {
      if (bytes) reach(`while body of ${subject}`);
      return push.call(request, bytes, ...rest);
    };
    const { end } = response;
    response.end = (...args) => {
      reach(`before answer of ${subject}`);
      return end.apply(response, args);
    };
    response.once("finish", () => reach(`after answer of ${subject}`));
  });
}

if (isMainThread && file) {
  watchFiles();
  watchDatabase();
  watchRequests();
}
