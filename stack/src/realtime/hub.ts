import type { Extension } from "./access/policies.ts";
import { Attendance } from "./channel/attendance.ts";
import type { Channel } from "./channel/channel.ts";
import type { FanOut } from "./wire/fan-out.ts";

/** A name that channels share. Public and private channels of one name never meet. */
export class Topic {
  readonly name: string;
  readonly private: boolean;
  readonly channels = new Set<Channel>();
  readonly attendance = new Attendance();

  constructor(name: string, isPrivate: boolean) {
    this.name = name;
    this.private = isPrivate;
  }

  /** Hands a message to every channel that may read its kind. */
  fanOut(message: FanOut, extension: Extension, except: Channel | null = null): void {
    for (const channel of this.channels) {
      if (channel !== except && channel.hears(extension)) channel.deliver(message);
    }
  }
}

/** Which channels are open on which topic. */
export class Hub {
  readonly #topics = new Map<string, Topic>();
  /** How often a session or a user has ended: whoever was asked about before may have been one of them. */
  endings = 0;

  enter(channel: Channel): Topic {
    const key = keyOf(channel.name, channel.private);
    let topic = this.#topics.get(key);
    if (!topic) {
      topic = new Topic(channel.name, channel.private);
      this.#topics.set(key, topic);
    }
    topic.channels.add(channel);
    return topic;
  }

  leave(channel: Channel): void {
    const key = keyOf(channel.name, channel.private);
    const topic = this.#topics.get(key);
    topic?.channels.delete(channel);
    if (topic?.channels.size === 0) this.#topics.delete(key);
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  find(name: string, isPrivate: boolean): Topic | null {
    return this.#topics.get(keyOf(name, isPrivate)) ?? null;
  }

  *channels(): Generator<Channel> {
    for (const topic of this.#topics.values()) yield* topic.channels;
  }
}

const keyOf = (name: string, isPrivate: boolean) => `${isPrivate ? "private" : "public"}:${name}`;
