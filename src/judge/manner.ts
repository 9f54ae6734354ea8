/** Tells rules that decide something from those that say how it is done. */

import type { RuleId } from '../host/rule.js';

/** Functions whose rules say how something is done that another rule has decided: what a reset looks like, when a timer fires. */
const MANNER: ReadonlySet<string> = new Set([
  '__mod_timer',
  '__ratelimit',
  '__run_timers',
  '__tcp_ack_snd_check',
  'calc_index',
  'cascade',
  'enqueue_timer',
  'internal_add_timer',
  'syn_flood_warning',
  'tcp_disconnect',
  'tcp_send_delayed_ack',
  'tcp_syn_flood_action',
  'tcp_v4_send_reset',
]);

/** Whether a rule decides something by itself. */
export const decides = (rule: RuleId): boolean => !MANNER.has(rule.slice(0, rule.indexOf('/')));
