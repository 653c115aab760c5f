/** The pointer counts as at rest after so many milliseconds. */
const REST = 400;
/** Nobody waits longer than this for a pointer that never rests, in milliseconds; one that is pressed is waited for. */
const MOST = 3_000;

/**
 * Does work that may move things on the page while nobody is pointing: in the order in which it came, as soon as the
 * pointer rests. What is about to be clicked stays where it is.
 */
export class Calm {
  readonly #now: () => number;
  readonly #later: (work: () => void, ms: number) => void;
  #waiting: (() => void)[] = [];
  #since = 0;
  #moved = Number.NEGATIVE_INFINITY;
  #pressed = false;
  #asked = false;

  constructor(
    now: () => number = () => performance.now(),
    later: (work: () => void, ms: number) => void = (work, ms) => void setTimeout(work, ms),
  ) {
    this.#now = now;
    this.#later = later;
  }

  run(work: () => void): void {
    if (this.#waiting.length === 0) this.#since = this.#now();
    this.#waiting.push(work);
    this.#look();
  }

  pointed(pressed: boolean): void {
    this.#moved = this.#now();
    this.#pressed = pressed;
  }

  #look(): void {
    if (this.#asked || this.#waiting.length === 0) return;
    const now = this.#now();
    const rested = now - this.#moved >= REST || now - this.#since >= MOST;
    if (rested && !this.#pressed) {
      const work = this.#waiting;
      this.#waiting = [];
      for (const one of work) one();
      return;
    }
    this.#asked = true;
    this.#later(() => {
      this.#asked = false;
      this.#look();
    }, REST / 4);
  }
}

/** Tells a Calm of the page's pointer; returns its own end. */
export function followPointer(calm: Calm): () => void {
  const onPointer = (event: PointerEvent) => calm.pointed(event.buttons !== 0);
  const names = ["pointermove", "pointerdown", "pointerup", "pointercancel"] as const;
  for (const name of names) addEventListener(name, onPointer, { passive: true, capture: true });
  return () => {
    for (const name of names) removeEventListener(name, onPointer, { capture: true });
  };
}
