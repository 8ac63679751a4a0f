/** Waiting times between attempts: full jitter, so that a thousand pages cut at once do not come back at once. */

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds to wait before attempt number `attempt` (0 is the first repeat). */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
}
