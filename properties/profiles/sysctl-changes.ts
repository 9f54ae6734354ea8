/** Settings that change while it listens. */

import * as fc from 'fast-check';
import {
  accept,
  ack,
  changeSetting,
  complete,
  connect,
  cookie,
  flood,
  pass,
  refusedSetting,
  syn,
} from '../arbitraries/events.js';
import { listenAgain } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const sysctlChanges = profile({
  id: 'sysctl-changes',
  sentence: 'Settings are written, or refused, between SYNs, ACKs and timeouts.',
  rules: [
    'do_proc_dointvec_conv/any-int',
    'do_proc_dointvec_conv/not-an-int',
    'do_proc_dointvec_minmax_conv/out-of-range',
    'inet_listen/fastopen-for-all',
    'proc_dou8vec_minmax/any-byte',
    'proc_dou8vec_minmax/out-of-range',
    'tcp_conn_request/cookie-accept-queue-full',
  ],
  runs: 400,
  needs: { features: ['segments', 'sysctl-write'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 6, arbitrary: changeSetting(kernel) },
      { weight: 1, arbitrary: refusedSetting(kernel) },
      { weight: 2, arbitrary: syn() },
      { weight: 2, arbitrary: ack() },
      { weight: 2, arbitrary: connect() },
      { weight: 2, arbitrary: flood({ most: 20 }) },
      { weight: 2, arbitrary: complete() },
      { weight: 1, arbitrary: accept() },
      { weight: 1, arbitrary: listenAgain({ max: 16 }) },
      { weight: 1, arbitrary: cookie(kernel, { around: ['short'], longest: 1_000_000 }) },
      { weight: 2, arbitrary: pass(kernel, { around: ['synack', 'short'], longest: 25_000_000 }) },
    ),
  }),
});
