/** Everything at once. */

import { profile } from './profile.js';

export const mixed = profile({
  id: 'mixed',
  sentence: 'Anything that can happen to a listener, in any order.',
  rules: ['inet_csk_accept/oldest-first', 'inet_csk_accept/queue-empty'],
  runs: 400,
  constraints: () => ({}),
});
