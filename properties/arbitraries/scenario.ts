/** Whole scenarios: settings, a listener, and blocks of events. */

import * as fc from 'fast-check';
import type { SocketOptions } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import type { Scenario } from '../../src/run/scenario.js';
import { dropping } from './dropping.js';
import { anything } from './events.js';
import { type ScenarioLimits, UNLIMITED } from './limits.js';
import { backlog } from './listener.js';
import { type Block, Script } from './script.js';
import { socketOptions } from './socket-options.js';
import { sysctls } from './sysctls.js';
import { trimmed } from './trimmed.js';

/** What the scenarios are made of. What is not given is anything that makes sense. */
export interface ScenarioConstraints {
  readonly sysctl?: fc.Arbitrary<Readonly<Record<string, number>>>;
  readonly sockopt?: fc.Arbitrary<SocketOptions>;
  /** Of the first `listen`. */
  readonly backlog?: fc.Arbitrary<number>;
  /** What happens then, block by block. */
  readonly block?: fc.Arbitrary<Block>;
  /** At most. Default 12. */
  readonly blocks?: number;
  /** What a subject can be put through. Default: everything. */
  readonly limits?: ScenarioLimits;
}

/** Scenarios that begin with a `listen`. As one shrinks, settings and blocks go; what is left of it remains a scenario. */
export function scenario(kernel: KernelVariant, constraints: ScenarioConstraints = {}): fc.Arbitrary<Scenario> {
  const { blocks = 12, limits = UNLIMITED } = constraints;
  const fitted = (made: Scenario): Scenario => trimmed(made, kernel, limits);
  const made = fc
    .record({
      sysctl: constraints.sysctl ?? sysctls(kernel),
      sockopt: constraints.sockopt ?? fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, socketOptions()),
      backlog: constraints.backlog ?? backlog({ max: 16 }),
      blocks: fc.array(constraints.block ?? anything(kernel), { minLength: 1, maxLength: blocks, size: 'max' }),
    })
    .map((parts) => fitted(assembled(kernel, parts)));
  return dropping(made, fitted);
}

interface Parts {
  readonly sysctl: Readonly<Record<string, number>>;
  readonly sockopt: SocketOptions;
  readonly backlog: number;
  readonly blocks: readonly Block[];
}

function assembled(kernel: KernelVariant, parts: Parts): Scenario {
  const { sysctl, sockopt } = parts;
  const script = new Script(kernel, sysctl, sockopt);
  script.listen(parts.backlog);
  for (const block of parts.blocks) block(script);
  return { sysctl, sockopt, events: script.events };
}
