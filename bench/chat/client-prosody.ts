import { once } from "node:events";
import net from "node:net";
import type { Client, Heard, Seat } from "./protocol.ts";

type ProsodySeat = Extract<Seat, { kind: "prosody" }>;

const DOMAIN = "localhost";
const PASSWORD = "secret";
const header = `<?xml version='1.0'?><stream:stream to='${DOMAIN}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;

/** Signs in to Prosody and enters a room (RFC 6120, XEP-0045). What is heard is only looked through for bodies. */
export async function sit({ port, user, room }: ProsodySeat, heard: Heard): Promise<Client> {
  const socket = net.connect(port, "127.0.0.1");
  socket.setNoDelay();
  await once(socket, "connect");
  const until = reader(socket);
  const plain = Buffer.from(`\0${user}\0${PASSWORD}`).toString("base64");
  socket.write(header);
  await until("</stream:features>");
  socket.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
  await until("<success");
  socket.write(header);
  await until("</stream:features>");
  socket.write("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  await until("</jid>");
  const muc = `${room}@rooms.${DOMAIN}`;
  socket.write(
    `<presence to='${muc}/${user}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
  );
  await until("<subject");
  socket.removeAllListeners("data");
  socket.on("close", () => {
    throw new Error("Prosody hung up");
  });
  listen(socket, heard);
  let last = 0;
  const stanza = (text: string) =>
    `<message type='groupchat' id='${++last}' to='${muc}'><body>${text}</body></message>`;
  return {
    say: async (texts) => {
      socket.write(texts.map(stanza).join(""));
    },
  };
}

/** Waits for a piece of text, and forgets what stood before its end. */
function reader(socket: net.Socket): (piece: string) => Promise<void> {
  let read = "";
  let look = () => {};
  socket.on("data", (chunk: Buffer) => {
    read += chunk.toString();
    look();
  });
  return (piece) =>
    new Promise((resolve, reject) => {
      socket.once("close", () => reject(new Error(`Prosody hung up before ${piece}: ${read}`)));
      look = () => {
        const at = read.indexOf(piece);
        if (at < 0) return;
        read = read.slice(at + piece.length);
        resolve();
      };
      look();
    });
}

function listen(socket: net.Socket, heard: Heard): void {
  let rest = "";
  socket.on("data", (chunk: Buffer) => {
    rest += chunk.toString("latin1");
    for (;;) {
      const from = rest.indexOf("<body>");
      const to = rest.indexOf("</body>", from);
      if (from < 0 || to < 0) break;
      heard(rest.slice(from + 6, to));
      rest = rest.slice(to + 7);
    }
  });
}
