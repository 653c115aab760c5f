import { type RefObject, useEffect, useRef } from "react";

/** Files that are dropped onto a part of the page; null where none are wanted. */
export function useDrop(
  area: RefObject<HTMLElement | null>,
  onFiles: ((files: File[]) => void) | null,
): void {
  const wanted = useRef(onFiles);
  useEffect(() => {
    wanted.current = onFiles;
  }, [onFiles]);
  useEffect(() => {
    const element = area.current;
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      wanted.current?.([...(event.dataTransfer?.files ?? [])]);
    };
    element?.addEventListener("dragover", over);
    element?.addEventListener("drop", drop);
    return () => {
      element?.removeEventListener("dragover", over);
      element?.removeEventListener("drop", drop);
    };
  }, [area]);
}
