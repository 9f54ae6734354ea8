/** What is said of kernels, as properties that can be tried, and the scenarios to try them on. */

import { INVARIANTS, MODEL_PROPERTIES } from './invariants/index.js';
import { invariantProperty } from './invariants/invariant-property.js';
import { PACKET_PROPERTIES } from './packet-backlog/index.js';
import type { Property } from './property.js';
import { RELATIONS } from './relations/index.js';

export {
  type CampaignOptions,
  describeResult,
  type Failure,
  type PropertyResult,
  runProperty,
} from './campaign.js';
export { INVARIANTS } from './invariants/index.js';
export { PROFILES, type Profile } from './profiles/index.js';
export { Bench, Falsified, type Invariant, type Property } from './property.js';
export { DEFAULT_SEED } from './seed.js';

/** Every property: the invariants of traces, what holds inside of a model, relations between runs, and what holds of packets in front of TCP. No two have the same id. */
export const PROPERTIES: readonly Property[] = [
  ...INVARIANTS.map((invariant) => invariantProperty(invariant)),
  ...MODEL_PROPERTIES,
  ...RELATIONS,
  ...PACKET_PROPERTIES,
];
