/** The state of a socket's delayed acknowledgement: as in 2.6.32. */

export {
  ICSK_ACK_PUSHED,
  ICSK_ACK_PUSHED2,
  ICSK_ACK_SCHED,
  ICSK_ACK_TIMER,
  inet_csk_ack_scheduled,
  inet_csk_delack_init,
  inet_csk_schedule_ack,
  nothingToAcknowledge,
  TCP_MAX_QUICKACKS,
  tcp_dec_quickack_mode,
} from '../../../linux-2.6.32/include/net/icsk-ack.js';
export { TCP_ATO_MIN, TCP_DELACK_MAX, TCP_DELACK_MIN } from '../../../linux-2.6.32/include/net/tcp.js';
