import { untilAborted } from "./failure/network.ts";
import { listing } from "./paging/listing.ts";
import type { CallOptions, Listing, ListOptions } from "./types.ts";

type Verb = (...args: unknown[]) => unknown;
/** The words of a text that are parted by spaces: a verb that is left out shows where the noun's type is asked for. */
type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;

/** Loads once, and anew where it could not be loaded. */
export function onceLoaded<Loaded>(make: () => Promise<Loaded>): () => Promise<Loaded> {
  let loaded: Promise<Loaded> | null = null;
  return () => {
    loaded ??= make();
    loaded.catch(() => {
      loaded = null;
    });
    return loaded;
  };
}

/**
 * The verbs of a noun whose code loads with the first of them.
 *
 * @param names Verbs, parted by spaces; their last argument may hold a signal, which is obeyed while they are under way.
 */
export function lazyVerbs<Names extends string>(
  load: () => Promise<object>,
  noun: string,
  names: Names,
): Record<Words<Names>, Verb> {
  const made = names.split(" ").map((verb): [string, Verb] => [
    verb,
    (...args) => {
      const work = async (): Promise<unknown> => {
        const all = (await load()) as Record<string, Verb>;
        return all[verb]?.(...args);
      };
      const signal = (args.at(-1) as CallOptions | undefined)?.signal;
      return untilAborted(work, signal, `${noun}.${verb}`);
    },
  ]);
  return Object.fromEntries(made) as Record<Words<Names>, Verb>;
}

/** A list of such a noun. */
export function lazyList<Noun, Row>(
  load: () => Promise<Noun>,
  action: string,
  options: ListOptions,
  open: (noun: Noun) => Listing<Row>,
): Listing<Row> {
  return listing(
    async (after, limit, signal) => open(await load()).page({ after, limit, signal }),
    options,
    action,
  );
}
