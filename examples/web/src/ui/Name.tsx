import { plainName } from "./names.ts";

/** A name of a file: one line, its own direction, and nothing in it that reorders letters. */
export function Name({ children, className }: { children: string; className?: string }) {
  return (
    <bdi className={className} title={plainName(children)}>
      {plainName(children)}
    </bdi>
  );
}
