/** How many ACKs go out without delay: as in 2.6.32. */

export {
  learnDelay,
  looksFull,
  tcp_enter_quickack_mode,
  tcp_in_quickack_mode,
  tcp_incr_quickack,
  tcp_initialize_rcv_mss,
} from '../../../linux-2.6.32/net/ipv4/tcp-quickack.js';
