/** All relations: what holds between one run and another. */

import type { Property } from '../property.js';
import { abortOnOverflow } from './abort-on-overflow.js';
import { anyInput } from './any-input.js';
import { clonedMachine } from './cloned-machine.js';
import { cookiesOnlyAdd } from './cookies-only-add.js';
import { judgeAcceptsTheModel } from './judge-accepts-the-model.js';
import { judgeRejectsFalsified } from './judge-rejects-falsified.js';
import { kernelsAgree } from './kernels-agree.js';
import { largerBacklog } from './larger-backlog.js';
import { movedInTime } from './moved-in-time.js';
import { renamedPeers } from './renamed-peers.js';
import { secondListener } from './second-listener.js';
import { splitWait } from './split-wait.js';

/** By what is changed: what means nothing, settings, the kernel, what one looks at it with. */
export const RELATIONS: readonly Property[] = [
  movedInTime,
  splitWait,
  renamedPeers,
  secondListener,
  clonedMachine,
  largerBacklog,
  abortOnOverflow,
  cookiesOnlyAdd,
  kernelsAgree,
  judgeAcceptsTheModel,
  judgeRejectsFalsified,
  anyInput,
];
