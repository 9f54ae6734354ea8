/** Patterns for names, as `--run` and `--skip` take them: `*` stands for anything, also for nothing. */

/** Whether one of the patterns fits the whole name. */
export function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const literal = pattern.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
    return new RegExp(`^${literal.join('.*')}$`, 's').test(name);
  });
}
