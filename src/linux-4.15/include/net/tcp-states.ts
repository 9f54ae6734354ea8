/** The states of a TCP socket: as in 2.6.32, and one for requests. */

import type { TcpState as StateName } from '../../../generated/types.js';
import { stateName as stateName2632, type TcpState } from '../../../linux-2.6.32/include/net/tcp-states.js';

export {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
  type TcpState,
} from '../../../linux-2.6.32/include/net/tcp-states.js';

/** A request, which is found in the same hash as connections. */
export const TCP_NEW_SYN_RECV = 12;

/** A state's name, as a trace and `ss` give it; a request shows as SYN_RECV. */
export function stateName(state: TcpState): StateName {
  return state === TCP_NEW_SYN_RECV ? 'SYN_RECV' : stateName2632(state);
}
