import { AuthError } from "./errors.ts";
import type { Settings } from "./settings.ts";

// Keys kept per bucket before the first sweep, which keeps those that are still limited; the next one comes when
// their number has doubled, so that sweeping costs each request a constant.
const SWEEP_AT = 10_000;

/** A token bucket per key: `limit` at once, refilled evenly over `seconds`. 0 or less means no limit. */
export class Bucket {
  private sweepAt = SWEEP_AT;
  private readonly levels = new Map<string, { left: number; at: number }>();
  private readonly limit: number;
  private readonly perMs: number;
  private readonly now: () => number;

  constructor(limit: number, seconds: number, now: () => number = Date.now) {
    this.limit = limit;
    this.perMs = limit / (seconds * 1000);
    this.now = now;
  }

  private level(key: string): number {
    const entry = this.levels.get(key);
    if (entry === undefined) return this.limit;
    return Math.min(this.limit, entry.left + (this.now() - entry.at) * this.perMs);
  }

  /** Takes one; false when none is left. */
  take(key: string): boolean {
    if (this.limit <= 0) return true;
    const left = this.level(key);
    if (left < 1) return false;
    this.levels.set(key, { left: left - 1, at: this.now() });
    if (this.levels.size > this.sweepAt) this.sweep();
    return true;
  }

  /** Gives back what was taken, where the request turned out to be none of those that are limited. */
  giveBack(key: string): void {
    if (this.limit > 0)
      this.levels.set(key, { left: Math.min(this.limit, this.level(key) + 1), at: this.now() });
  }

  clear(key: string): void {
    this.levels.delete(key);
  }

  private sweep(): void {
    for (const key of this.levels.keys()) if (this.level(key) >= this.limit) this.levels.delete(key);
    this.sweepAt = Math.max(SWEEP_AT, this.levels.size * 2);
  }
}

/** Seconds in which the per-address limits of config.toml apply. */
const WINDOW = 300;
/** Wrong codes per address and hour, across resends: 20 of 10^6 is 0.002 % for a guesser. The link still works. */
const WRONG_CODES = 20;

/** Every limit of Auth. Counters live in memory: one process serves one stack, and a restart forgives. */
export class Limits {
  readonly signIn: Bucket;
  readonly signUp: Bucket;
  readonly mailRequest: Bucket;
  readonly anonymous: Bucket;
  readonly refresh: Bucket;
  readonly verify: Bucket;
  readonly factor: Bucket;
  readonly wrongCode: Bucket;
  private readonly mailsPerHour: Bucket;
  private readonly mailInterval: Bucket;
  private readonly interval: number;

  constructor(settings: Settings) {
    const { limits } = settings;
    this.signIn = new Bucket(limits.sign_in_sign_ups, WINDOW);
    this.signUp = new Bucket(limits.sign_in_sign_ups, WINDOW);
    this.mailRequest = new Bucket(limits.sign_in_sign_ups, WINDOW);
    this.anonymous = new Bucket(limits.anonymous_users, 3600);
    this.refresh = new Bucket(limits.token_refresh, WINDOW);
    this.verify = new Bucket(limits.token_verifications, WINDOW);
    this.factor = new Bucket(15, WINDOW);
    this.wrongCode = new Bucket(WRONG_CODES, 3600);
    this.mailsPerHour = new Bucket(limits.email_sent, 3600);
    this.interval = settings.mailInterval;
    this.mailInterval = new Bucket(settings.mailInterval > 0 ? 1 : 0, Math.max(settings.mailInterval, 1e-3));
  }

  /**
   * Counts a request against `bucket`.
   *
   * @throws over_request_rate_limit
   */
  request(bucket: Bucket, key: string): void {
    if (!bucket.take(key)) throw new AuthError(429, "over_request_rate_limit", "Request rate limit reached");
  }

  /**
   * Counts a mail that is asked for, whether or not the address has an account: a limit that only known addresses
   * could reach would tell which they are.
   *
   * @throws over_email_send_rate_limit
   */
  mail(kind: string, address: string): void {
    if (!this.mailInterval.take(`${kind}:${address}`)) {
      const wait = Math.ceil(this.interval);
      throw new AuthError(
        429,
        "over_email_send_rate_limit",
        `For security purposes, you can only request this after ${wait} seconds.`,
      );
    }
    if (!this.mailsPerHour.take("")) {
      throw new AuthError(429, "over_email_send_rate_limit", "email rate limit exceeded");
    }
  }
}
