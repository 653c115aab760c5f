import type { CallOptions } from "../types.ts";

export interface Limit {
  /** `goals`, `tasks`, … */
  kind: string;
  /** The most that this account may hold. */
  max: number;
  /** What it holds now. */
  used: number;
}

export interface Limits {
  /**
   * The limits of the signed-in user, and how much of each is used.
   *
   * @throws AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const goals = (await trackit.limits.list()).find(({ kind }) => kind === "goals");
   * console.log(`${goals?.used} of ${goals?.max}`);
   * ```
   */
  list(options?: CallOptions): Promise<Limit[]>;
}
