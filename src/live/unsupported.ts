/** What is thrown where the running kernel cannot be talked to. */

/** This machine lacks something that it takes to talk to its kernel; the message is one sentence for people. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}
