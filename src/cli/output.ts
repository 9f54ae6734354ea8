/** Writing to standard output and standard error. */

/** Data: a line on standard output. Waits while the reader is slower than we are. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}

/** Everything that is not data: a line on standard error. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
