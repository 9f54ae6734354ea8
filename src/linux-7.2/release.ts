/** 7.2.13: what changed since 6.12. */

import { kernelSpecs } from '../generated/kernels.js';
import type { Release } from '../linux-4.15/release.js';
import { release as earlier } from '../linux-6.12/release.js';
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
  tcp_ack,
  tcp_data_queue,
  tcp_data_queue_ofo,
  tcp_rcv_established,
  tcp_validate_incoming,
};
