/**
 * The functions that a later kernel changed. What did not change reaches them through the machine, and so serves every later kernel without a
 * copy: a later kernel puts its own function in the place of the one that it changed, as a live patch does.
 */

import { kernelSpecs } from '../generated/kernels.js';
import type { KernelSysctl } from '../generated/types.js';
import { SHARED } from '../host/clone.js';
import type { TimerBase } from '../host/timers.js';
import { tcp_dec_quickack_mode } from './include/net/icsk-ack.js';
import { inet_csk_reqsk_queue_is_full } from './include/net/inet-connection-sock.js';
import { requestAge, requestTimeout, tcp_synq_no_recent_overflow, tcp_synq_overflow } from './include/net/tcp.js';
import { sk_mem_uncharge, sk_rmem_schedule, tcp_win_from_space, tunBuffer } from './include/net/tcp-window.js';
import { TimerWheel } from './kernel/time/timer.js';
import { __alloc_skb } from './net/core/skbuff.js';
import { inet_ehash_insert } from './net/ipv4/inet-hashtables.js';
import { tcp_disconnect, tcp_init_sock } from './net/ipv4/tcp.js';
import { mayChallenge, tcp_send_challenge_ack } from './net/ipv4/tcp-challenge-ack.js';
import { tcp_delack_timer_handler } from './net/ipv4/tcp-delack-timer.js';
import { tcp_syn_flood_action } from './net/ipv4/tcp-input.js';
import { establish, tcp_ack, tcp_rcv_established, tcp_validate_incoming } from './net/ipv4/tcp-input-child.js';
import {
  __tcp_ack_snd_check,
  keepPath,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_event_data_recv,
  tcp_grow_window,
  tcp_init_buffer_space,
  tcp_measure_rcv_mss,
} from './net/ipv4/tcp-input-data.js';
import { tcp_v4_syn_recv_sock } from './net/ipv4/tcp-ipv4.js';
import { tcp_check_req } from './net/ipv4/tcp-minisocks.js';
import { tcp_send_delayed_ack } from './net/ipv4/tcp-output.js';
import { tcp_select_initial_window } from './net/ipv4/tcp-output-synack.js';
import { tcp_incr_quickack } from './net/ipv4/tcp-quickack.js';
import { storeSysctl } from './sysctl.js';

/** The functions of 4.15.11 that have another text in a later kernel, and the parts of some, by their names there. */
const functions = {
  __alloc_skb,
  __tcp_ack_snd_check,
  establish,
  inet_csk_reqsk_queue_is_full,
  inet_ehash_insert,
  reqsk_timeout: requestTimeout,
  requestAge,
  sk_mem_uncharge,
  sk_rmem_schedule,
  storeSysctl,
  tcp_ack,
  tcp_challenge_ack_allowed: mayChallenge,
  tcp_check_req,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_dec_quickack_mode,
  tcp_delack_timer_handler,
  tcp_disconnect,
  tcp_event_data_recv,
  tcp_grow_window,
  tcp_incr_quickack,
  tcp_init_buffer_space,
  tcp_init_sock,
  tcp_measure_rcv_mss,
  tcp_rcv_established,
  tcp_rcv_spurious_retrans: keepPath,
  tcp_select_initial_window,
  tcp_send_challenge_ack,
  tcp_send_delayed_ack,
  tcp_syn_flood_action,
  tcp_synq_no_recent_overflow,
  tcp_synq_overflow,
  tcp_v4_syn_recv_sock,
  tcp_validate_incoming,
  tcp_win_from_space,
  tun_alloc_skb: tunBuffer,
};

/** What sets a release apart from the others that the same code serves. */
export type Release = Readonly<typeof functions> & {
  /** The sysctls that the model reads, by full name. */
  readonly sysctls: Readonly<Record<string, KernelSysctl>>;
  /** The second number of `net.ipv4.tcp_rmem`: the receive buffer of a new socket, bytes. */
  readonly tcp_rmem: number;
  /** The timers of a machine with one CPU. */
  timer_bases(): TimerBase;
  readonly [SHARED]: true;
};

const { sysctls, constants } = kernelSpecs['4.15'];

/** 4.15.11. */
export const release: Release = {
  ...functions,
  sysctls,
  tcp_rmem: constants.TCP_RMEM_DEFAULT.value,
  timer_bases: () => new TimerWheel(),
  [SHARED]: true,
};
