import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";

export interface Drag {
  /** The row that is being dragged. */
  id: string | null;
  /** The place, 0 to n, before which it would land. */
  over: number | null;
  /** Props of a row's handle. Arrow keys move it; a pointer drags it; Escape lets go. */
  handle(id: string): {
    id: string;
    onPointerDown(event: PointerEvent<HTMLElement>): void;
    onPointerMove(event: PointerEvent<HTMLElement>): void;
    onPointerUp(): void;
    onPointerCancel(): void;
    onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  };
}

/**
 * Moves the rows of one list by hand.
 * @param ids the rows in their order; each is an element with `data-row={id}`
 * @param onMove asked to put `id` at `index` of the list without it
 */
export function useDrag(ids: readonly string[], onMove: (id: string, index: number) => void): Drag {
  const [state, setState] = useState<{ id: string; over: number } | null>(null);
  const moved = useRef<string | null>(null);
  const order = ids.join(" ");

  // A row that moves in the page loses the focus with its old place: give it back, so that arrows go on working.
  useEffect(() => {
    if (moved.current && order) document.getElementById(`grip-${moved.current}`)?.focus();
    moved.current = null;
  }, [order]);

  const move = (id: string, before: number) => {
    const from = ids.indexOf(id);
    const index = before > from ? before - 1 : before;
    if (from === -1 || index === from || index < 0 || index >= ids.length) return;
    moved.current = id;
    onMove(id, index);
  };
  const drop = () => {
    if (state) move(state.id, state.over);
    setState(null);
  };
  return {
    id: state?.id ?? null,
    over: state?.over ?? null,
    handle: (id) => ({
      id: `grip-${id}`,
      onPointerDown(event) {
        event.currentTarget.setPointerCapture(event.pointerId);
        setState({ id, over: ids.indexOf(id) });
      },
      onPointerMove(event) {
        if (state) setState({ id: state.id, over: placeAt(ids, event.clientY) });
      },
      onPointerUp: drop,
      onPointerCancel: () => setState(null),
      onKeyDown(event) {
        if (event.key === "Escape") setState(null);
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        const from = ids.indexOf(id);
        move(id, event.key === "ArrowUp" ? from - 1 : from + 2);
      },
    }),
  };
}

/** How many rows have their middle above `y`. */
function placeAt(ids: readonly string[], y: number): number {
  return ids.filter((id) => {
    const box = document.querySelector(`[data-row="${CSS.escape(id)}"]`)?.getBoundingClientRect();
    return box !== undefined && box.top + box.height / 2 < y;
  }).length;
}
