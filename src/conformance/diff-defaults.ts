/** What a search for differences is told where nobody says otherwise. */

/** Of the generated scenarios. */
export const DIFF_SEED = 1;

/** How many scenarios are generated from each profile. */
export const DIFF_RUNS = 40;
