/** The one process, which is the same on every kernel. */

export { call } from '../linux-2.6.32/process.js';
