// Loaded into a process before anything else: notes every name that is looked up and every connection that leaves
// this machine, in the file of TRACKIT_OUTWARD.
const { appendFileSync } = require("node:fs");
const dns = require("node:dns");
const dgram = require("node:dgram");
const net = require("node:net");

const note = (what) => appendFileSync(process.env.TRACKIT_OUTWARD, `${what}\n`);
const isHere = (host) => !host || host === "localhost" || host === "::1" || /^127\./.test(host);

note(`watching ${process.argv[1] ?? "nothing"}`);

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  // Node's own calls pass their arguments normalized, as an array in the first place.
  const [options] = net._normalizeArgs(Array.isArray(args[0]) ? args[0] : args);
  if (!options.path && !isHere(options.host)) note(`connect ${options.host}:${options.port}`);
  return connect.apply(this, args);
};

for (const name of ["lookup", "resolve", "resolve4", "resolve6", "reverse"]) {
  for (const owner of [dns, dns.promises]) {
    const original = owner[name];
    owner[name] = function (host, ...rest) {
      if (!isHere(host)) note(`${name} ${host}`);
      return original.call(this, host, ...rest);
    };
  }
}

const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...args) {
  note("datagram");
  return send.apply(this, args);
};
