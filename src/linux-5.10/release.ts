/** 5.10.262: what changed since 4.15. */

import { kernelSpecs } from '../generated/kernels.js';
import { release as earlier, type Release } from '../linux-4.15/release.js';
import { inet_csk_reqsk_queue_is_full } from './include/net/inet-connection-sock.js';
import { sk_rmem_schedule } from './include/net/sock.js';
import { tcp_synq_no_recent_overflow, tcp_synq_overflow } from './include/net/tcp.js';
import { inet_ehash_insert } from './net/ipv4/inet-hashtables.js';
import { tcp_disconnect } from './net/ipv4/tcp.js';
import {
  __tcp_ack_snd_check,
  tcp_ack,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_grow_window,
  tcp_init_buffer_space,
  tcp_measure_rcv_mss,
  tcp_rcv_spurious_retrans,
} from './net/ipv4/tcp-input.js';
import { establish } from './net/ipv4/tcp-input-child.js';
import { tcp_v4_syn_recv_sock } from './net/ipv4/tcp-ipv4.js';
import { tcp_check_req } from './net/ipv4/tcp-minisocks.js';
import { tcp_select_initial_window, tcp_send_delayed_ack } from './net/ipv4/tcp-output.js';
import { tcp_dec_quickack_mode, tcp_incr_quickack } from './net/ipv4/tcp-quickack.js';
import { storeSysctl } from './sysctl.js';

const { sysctls, constants } = kernelSpecs['5.10'];

/** 5.10.262. */
export const release: Release = {
  ...earlier,
  sysctls,
  tcp_rmem: constants.TCP_RMEM_DEFAULT.value,
  __tcp_ack_snd_check,
  establish,
  inet_csk_reqsk_queue_is_full,
  inet_ehash_insert,
  sk_rmem_schedule,
  storeSysctl,
  tcp_ack,
  tcp_check_req,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_dec_quickack_mode,
  tcp_disconnect,
  tcp_grow_window,
  tcp_incr_quickack,
  tcp_init_buffer_space,
  tcp_measure_rcv_mss,
  tcp_rcv_spurious_retrans,
  tcp_select_initial_window,
  tcp_send_delayed_ack,
  tcp_synq_no_recent_overflow,
  tcp_synq_overflow,
  tcp_v4_syn_recv_sock,
};
