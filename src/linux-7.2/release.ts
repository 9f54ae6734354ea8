/** 7.2.13: what changed since 6.12. */

import { kernelSpecs } from '../generated/kernels.js';
import type { KernelSysctl } from '../generated/types.js';
import { isSince } from '../host/kernel-spec.js';
import type { Release } from '../linux-4.15/release.js';
import { release as earlier } from '../linux-6.12/release.js';
import { tcp_reqsk_timeout } from './include/net/tcp.js';
import { tcp_init_sock } from './net/ipv4/tcp.js';
import {
  tcp_ack,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_rcv_established,
  tcp_validate_incoming,
} from './net/ipv4/tcp-input.js';

const { sysctls, constants } = kernelSpecs['7.2'];

/** 7.2.13. */
export const release: Release = {
  ...earlier,
  sysctls,
  tcp_rmem: constants.TCP_RMEM_DEFAULT.value,
  reqsk_timeout: tcp_reqsk_timeout,
  tcp_ack,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_init_sock,
  tcp_rcv_established,
  tcp_validate_incoming,
};

const INVALID_RATELIMIT = 'net.ipv4.tcp_invalid_ratelimit';

/** 6.18, where the longest timeout that can be set is one of connections only, and a negative rate limit is refused still. */
const release_6_18: Release = {
  ...release,
  sysctls: { ...sysctls, [INVALID_RATELIMIT]: earlier.sysctls[INVALID_RATELIMIT] as KernelSysctl },
  reqsk_timeout: earlier.reqsk_timeout,
};

/** What a machine runs that calls its kernel `name`: 7.2.13, or what was otherwise in an earlier one. */
export function pointRelease(name: string): Release {
  return /^\d/.test(name) && !isSince(name, '6.19') ? release_6_18 : release;
}
