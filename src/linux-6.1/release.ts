/** 6.1.192: what changed since 5.10. */

import { kernelSpecs } from '../generated/kernels.js';
import type { Release } from '../linux-4.15/release.js';
import { release as earlier } from '../linux-5.10/release.js';
import { reqsk_timeout, requestAge } from './include/net/inet-connection-sock.js';
import { sk_mem_uncharge } from './include/net/sock.js';
import { tcp_challenge_ack_allowed, tcp_event_data_recv, tcp_rcv_established } from './net/ipv4/tcp-input.js';
import { tcp_check_req } from './net/ipv4/tcp-minisocks.js';
import { tcp_delack_timer_handler } from './net/ipv4/tcp-timer.js';

const { sysctls, constants } = kernelSpecs['6.1'];

/** 6.1.192. */
export const release: Release = {
  ...earlier,
  sysctls,
  tcp_rmem: constants.TCP_RMEM_DEFAULT.value,
  reqsk_timeout,
  requestAge,
  sk_mem_uncharge,
  tcp_challenge_ack_allowed,
  tcp_check_req,
  tcp_delack_timer_handler,
  tcp_event_data_recv,
  tcp_rcv_established,
};
