import type { Inbox } from "../../story/realtime-wait.ts";
import { type Answer, type Frame, Wire } from "../../story/realtime-wire.ts";
import type { Received } from "../../support/http.ts";
import type { Caller } from "../expectations.ts";
import { headersOf, personOf, type World } from "../world.ts";
import type { Act } from "./expectations.ts";

const here = "witness";
let numbers = 0;

/**
 * Where acts on topics are tried: a socket and a token for each caller, and a witness with the secret key on the
 * topic, who is present there and sees what others bring about. Nothing waits for a time: what the database says
 * after an act reaches the witness after it.
 */
export class Stage {
  readonly #world: World;
  readonly #wires = new Map<Caller, Wire>();
  #witness: Wire | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  close(): void {
    this.#witness?.close();
    for (const wire of this.#wires.values()) wire.close();
  }

  /** Has a caller do one thing on a topic. @returns what came of it, in the words of the table */
  async try(act: Act, caller: Caller, topic: string): Promise<string> {
    const witness = await this.#watch(topic);
    const event = `try-${++numbers}`;
    if (act === "post" || act === "post many" || act === "insert") {
      const { status } = await this.#send(act, caller, topic, event);
      const frames = await this.#until(witness, topic);
      // The form for one message is passed on in a binary frame, which carries the event as it is.
      const heard =
        frames.some((frame) => frame[4].event === event) ||
        witness.binary.all.some((bytes) => bytes.includes(event));
      if (heard !== (status === 202))
        return act === "post many" && !heard ? "dropped" : `${status}, ${heard}`;
      return String(status);
    }
    const wire = await this.#wireOf(caller);
    const entered = await this.#join(wire, caller, topic);
    const outcome = await this.#push(act, { wire, witness, topic, event, entered });
    await wire.ask(named(topic), "phx_leave");
    await this.#until(witness, topic);
    return outcome;
  }

  async #push(act: Act, on: Attempt): Promise<string> {
    const { wire, witness, topic, event, entered } = on;
    if (act === "look") return entered.refusal ?? (here in entered.present ? "seen" : "blind");
    if (act === "listen") {
      const marker = await this.#mark(topic);
      await untilEvent(witness, marker);
      const frames = await settle(wire, topic);
      const heard = frames.some((frame) => frame[4].event === marker);
      return entered.refusal ?? (heard ? "heard" : "deaf");
    }
    // Pushed whether or not the join was answered with yes.
    const payload = act === "speak" ? said(event) : { type: "presence", event: "track", payload: { event } };
    const ref = wire.send(named(topic), act === "speak" ? "broadcast" : "presence", payload);
    const answer = (await settle(wire, topic)).find((frame) => frame[1] === ref)?.[4];
    const told = await this.#until(witness, topic);
    const done = told.some((frame) => JSON.stringify(frame[4]).includes(event));
    if (done !== (answer?.status === "ok")) return `answered ${JSON.stringify(answer)}, seen: ${done}`;
    if (entered.refusal) return done ? "done without having joined" : entered.refusal;
    return act === "speak" ? (done ? "heard" : "silent") : done ? "seen" : "denied";
  }

  async #join(wire: Wire, caller: Caller, topic: string): Promise<Entered> {
    const token = personOf(this.#world, caller)?.token;
    const answer = await wire.ask(named(topic), "phx_join", joinPayload(caller, token));
    if (answer.status !== "ok") return { refusal: refusalOf(answer), present: {} };
    const present = (await settle(wire, topic)).find((frame) => frame[3] === "presence_state");
    return { refusal: null, present: present?.[4] ?? {} };
  }

  #send(act: Act, caller: Caller, topic: string, event: string): Promise<Received> {
    const { stack } = this.#world;
    const payload = { v: 1, table: "goals", op: "insert", row: { title: "forged" } };
    const request = { method: "POST", headers: headersOf(this.#world, caller) };
    if (act === "post") {
      const path = `/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/${event}?private=true`;
      return stack.send({ ...request, path, body: payload });
    }
    if (act === "post many") {
      const messages = [{ topic, event, payload, private: true }];
      return stack.send({ ...request, path: "/realtime/v1/api/broadcast", body: { messages } });
    }
    const headers = { ...request.headers, "content-profile": "realtime" };
    const body = { topic, event, payload, extension: "broadcast", private: true };
    return stack.send({ ...request, headers, path: "/rest/v1/messages", body });
  }

  async #wireOf(caller: Caller): Promise<Wire> {
    const key = caller === "service" ? this.#world.stack.env.SECRET_KEY : undefined;
    const wire = this.#wires.get(caller) ?? (await Wire.open(this.#world, key));
    this.#wires.set(caller, wire);
    return wire;
  }

  readonly #watched = new Set<string>();
  async #watch(topic: string): Promise<Wire> {
    this.#witness ??= await Wire.open(this.#world, this.#world.stack.env.SECRET_KEY);
    const witness = this.#witness;
    if (this.#watched.has(topic)) return witness;
    for (const last of this.#watched) await witness.ask(named(last), "phx_leave");
    this.#watched.clear();
    this.#watched.add(topic);
    await witness.ask(named(topic), "phx_join", joinPayload(here, undefined));
    await witness.ask(named(topic), "presence", { type: "presence", event: "track", payload: {} });
    return witness;
  }

  /** Has the database say something on the topic. @returns the event */
  async #mark(topic: string): Promise<string> {
    const event = `marker-${++numbers}`;
    await this.#world.stack.db.query("select realtime.send('{}', $1, $2, true)", [event, topic]);
    return event;
  }

  /** What the witness has been told up to now. */
  async #until(witness: Wire, topic: string): Promise<Frame[]> {
    return untilEvent(witness, await this.#mark(topic));
  }
}

interface Entered {
  /** Null where the join was granted. */
  refusal: string | null;
  present: object;
}

interface Attempt {
  wire: Wire;
  witness: Wire;
  topic: string;
  event: string;
  entered: Entered;
}

const named = (topic: string) => `realtime:${topic}`;
const said = (event: string) => ({ type: "broadcast", event, payload: { forged: true } });

const joinPayload = (key: string, token: string | undefined) => ({
  config: { private: true, broadcast: { ack: true }, presence: { key, enabled: true } },
  ...(token ? { access_token: token } : {}),
});

function refusalOf({ response }: Answer): string {
  const reason = response?.reason ?? "";
  if (reason.startsWith("Unauthorized: You do not have permissions to read")) return "refused";
  return reason === "InvalidJWTToken: The session of the token has ended" ? "ended" : reason;
}

/** Frames up to the answer of a question that anyone is answered; frames of a topic are handled in their order. */
async function settle(wire: Wire, topic: string): Promise<Frame[]> {
  const ref = wire.send(named(topic), "presence", {});
  return take(wire.frames, (frame) => frame[1] === ref);
}

const untilEvent = (wire: Wire, event: string) => take(wire.frames, (frame) => frame[4].event === event);

async function take(frames: Inbox<Frame>, isLast: (frame: Frame) => boolean): Promise<Frame[]> {
  for (const taken: Frame[] = []; ; ) {
    const frame = await frames.take("the answer on a topic");
    taken.push(frame);
    if (isLast(frame)) return taken;
  }
}
