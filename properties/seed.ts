/** Where the chance of a campaign comes from: a fixed seed, unless somebody asks for another. */

/** The seed of every campaign that asks for none. */
export const DEFAULT_SEED = 20_111_220;

/** What `SEED` and `--seed` may say: a 32-bit integer, or `random` for one that nobody has chosen. Undefined: neither. */
export function parseSeed(text: string): number | undefined {
  if (text === 'random') return Math.floor(Math.random() * 2 ** 32) | 0;
  const seed = Number(text);
  return /^-?\d+$/.test(text) && seed === (seed | 0) ? seed : undefined;
}

/** How a campaign is asked for in the environment. */
export interface EnvironmentChoice {
  readonly seed: number;
  /** Undefined: as many as each property says. */
  readonly runs: number | undefined;
}

/**
 * `SEED` (a 32-bit integer, or `random`) and `RUNS` (how many values each property is tried on) of the environment.
 * @throws RangeError where one of them is neither absent nor usable
 */
export function environmentChoice(environment: NodeJS.ProcessEnv = process.env): EnvironmentChoice {
  const { SEED = '', RUNS = '' } = environment;
  const seed = SEED === '' ? DEFAULT_SEED : parseSeed(SEED);
  if (seed === undefined) throw new RangeError(`SEED is to be a 32-bit integer or random, not ${JSON.stringify(SEED)}`);
  if (RUNS === '') return { seed, runs: undefined };
  if (!/^[1-9]\d{0,8}$/.test(RUNS))
    throw new RangeError(`RUNS is to be a number from 1 on, not ${JSON.stringify(RUNS)}`);
  return { seed, runs: Number(RUNS) };
}
