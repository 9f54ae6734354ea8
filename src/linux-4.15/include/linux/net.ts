/** `struct socket`: as in 2.6.32. */

export {
  SOCK_DGRAM,
  SOCK_STREAM,
  SS_CONNECTED,
  SS_UNCONNECTED,
  type socket,
} from '../../../linux-2.6.32/include/linux/net.js';
