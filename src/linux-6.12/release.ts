/** 6.12.117: what changed since 6.1. */

import { kernelSpecs } from '../generated/kernels.js';
import type { Release } from '../linux-4.15/release.js';
import { release as earlier } from '../linux-6.1/release.js';
import { tun_alloc_skb } from './drivers/net/tun.js';
import { tcp_win_from_space } from './include/net/tcp.js';
import { TimerBases } from './kernel/time/timer.js';
import { __alloc_skb } from './net/core/skbuff.js';
import {
  tcp_challenge_ack_allowed,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_event_data_recv,
  tcp_measure_rcv_mss,
  tcp_rcv_spurious_retrans,
  tcp_syn_flood_action,
} from './net/ipv4/tcp-input.js';
import { tcp_send_delayed_ack } from './net/ipv4/tcp-output.js';
import { tcp_delack_timer_handler } from './net/ipv4/tcp-timer.js';

const { sysctls, constants } = kernelSpecs['6.12'];

/** 6.12.117. */
export const release: Release = {
  ...earlier,
  sysctls,
  tcp_rmem: constants.TCP_RMEM_DEFAULT.value,
  __alloc_skb,
  tcp_challenge_ack_allowed,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_delack_timer_handler,
  tcp_event_data_recv,
  tcp_measure_rcv_mss,
  tcp_rcv_spurious_retrans,
  tcp_send_delayed_ack,
  tcp_syn_flood_action,
  tcp_win_from_space,
  tun_alloc_skb,
  timer_bases: () => new TimerBases(),
};
