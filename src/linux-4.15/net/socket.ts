/** The system calls: as in 2.6.32. */

export { closeSocket, sys_accept4, sys_listen, sys_shutdown, sys_socket } from '../../linux-2.6.32/net/socket.js';
