import type { Priority } from "@trackit/sdk";

export interface Quick {
  title: string;
  tags: string[];
  priority: Priority;
}

const words: Record<string, Priority> = {
  low: 1,
  medium: 2,
  high: 3,
  baixa: 1,
  média: 2,
  media: 2,
  alta: 3,
  "1": 1,
  "2": 2,
  "3": 3,
};

/** Reads `Buy shoes #sport !high`: words that begin with `#` are tags, `!low`, `!medium`, `!high` the priority. */
export function readQuick(text: string): Quick {
  const rest: string[] = [];
  const tags: string[] = [];
  let priority: Priority = 0;
  for (const word of text.trim().split(/\s+/)) {
    const level = word.startsWith("!") ? words[word.slice(1).toLowerCase()] : undefined;
    if (/^#[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(word)) tags.push(word.slice(1));
    else if (level !== undefined) priority = level;
    else rest.push(word);
  }
  // "#1" alone is a title, not a task without one.
  if (rest.length === 0) return { title: text.trim(), tags: [], priority: 0 };
  return { title: rest.join(" "), tags: [...new Set(tags)], priority };
}
