/** How the command ends. */

/** Exit statuses. */
export const EXIT = {
  /** As expected. */
  ok: 0,
  /** A trace violates the specification, or is undecided. */
  violation: 1,
  /** Wrong usage or invalid input. */
  invalid: 2,
  /** What is tested, or its surroundings, failed. */
  subject: 3,
  /** 128 and the number of the signal that ended it. */
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** Wrong usage or unusable input; its message is shown as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
