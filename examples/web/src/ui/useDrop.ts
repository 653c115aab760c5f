import { useEffect, useRef, useState } from "react";
import { type Dropped, droppedFiles } from "./dropped.ts";

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") ?? false;

/**
 * Files that are dropped anywhere on the page; one that nobody wants is dropped in vain, instead of taking the place of
 * the page.
 * @param onFiles null where none are wanted
 * @returns whether files are held over the page
 */
export function useDrop(onFiles: ((files: Dropped[]) => void) | null): boolean {
  const [over, setOver] = useState(false);
  const wanted = useRef(onFiles);
  useEffect(() => {
    wanted.current = onFiles;
  }, [onFiles]);
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    // Each element that is entered or left says so; the page is left when the last one is.
    let depth = 0;
    const set = (now: number) => {
      depth = Math.max(0, now);
      setOver(depth > 0 && wanted.current !== null);
    };
    const on = (kind: "dragenter" | "dragleave" | "dragover" | "drop", take: (event: DragEvent) => void) =>
      addEventListener(kind, (event) => hasFiles(event) && take(event), { signal });
    on("dragenter", () => set(depth + 1));
    on("dragleave", () => set(depth - 1));
    on("dragover", (event) => {
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = wanted.current ? "copy" : "none";
    });
    on("drop", (event) => {
      event.preventDefault();
      set(0);
      const take = wanted.current;
      // What cannot be read is not there.
      if (take && event.dataTransfer) void droppedFiles(event.dataTransfer).then(take, () => undefined);
    });
    return () => listening.abort();
  }, []);
  return over;
}
