/** A network device whose other end is this program: what is written to it arrives, what the kernel sends is read from it. */

import { closeSync, constants, openSync } from 'node:fs';
import { errnoName, type Libc, must } from './libc.js';
import { Unsupported } from './unsupported.js';

/** The device's name in its namespace, where nothing else has one. */
export const TUN_NAME = 'tun0';

/** The address of the machine, and its network's: 10.0.0.1/8. */
export const MACHINE = 0x0a000001;
const NETMASK = 0xff000000;

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCSIFADDR = 0x8916;
const SIOCSIFNETMASK = 0x891c;
const SIOCSIFMTU = 0x8922;
const SIOCGIFINDEX = 0x8933;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const RTM_NEWLINK = 16;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const IFLA_TXQLEN = 13;
const TUNSETIFF = 0x400454ca;
const IFF_UP = 1;
const IFF_TUN = 1;
const IFF_NO_PI = 0x1000;

const MTU = 1500;
/** Packets that may wait to be read: more than a scenario ever sends between two looks. */
const QUEUE = 20_000;
/** The longest packet that IPv4 has. */
const LONGEST = 65_535;

/** The TUN device of the main thread's network namespace. */
export class Tun {
  /** Becomes readable when the kernel sends something. */
  readonly fd: number;
  /** The number of the device. */
  readonly index: number;
  readonly #libc: Libc;
  readonly #packet = Buffer.alloc(LONGEST);

  /** Makes the device, with its address, and sets it up. @throws Unsupported where this machine allows none */
  constructor(libc: Libc) {
    this.#libc = libc;
    try {
      this.fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      throw new Unsupported(
        `Talking to the running kernel needs a TUN device, but /dev/net/tun cannot be opened (${code})`,
      );
    }
    const device = ifreq(TUN_NAME);
    device.writeUInt16LE(IFF_TUN | IFF_NO_PI, 16);
    const made = libc.ioctl(this.fd, TUNSETIFF, device);
    if (made < 0) {
      this.close();
      throw new Unsupported(
        `Talking to the running kernel needs a TUN device, and this kernel refuses to make one (TUNSETIFF: ${errnoName(made)})`,
      );
    }
    const fd = must(libc.socket(AF_INET, SOCK_DGRAM, 0), 'socket');
    try {
      configure(libc, fd, SIOCSIFADDR, address(MACHINE));
      configure(libc, fd, SIOCSIFNETMASK, address(NETMASK));
      configure(libc, fd, SIOCSIFMTU, number(MTU));
      const answer = ifreq(TUN_NAME);
      must(libc.ioctl(fd, SIOCGIFINDEX, answer), 'SIOCGIFINDEX');
      this.index = answer.readInt32LE(16);
      setQueue(libc, this.index, QUEUE);
      setUp(libc, fd, TUN_NAME);
    } finally {
      libc.close(fd);
    }
  }

  /** A packet arrives: when this returns the kernel has dealt with it. */
  write(packet: Uint8Array): void {
    must(this.#libc.write(this.fd, packet, packet.length), 'writing to the TUN device');
  }

  /** The next packet that the kernel sent, in memory that the next call uses again; undefined: none is waiting. */
  read(): Buffer | undefined {
    const length = this.#libc.read(this.fd, this.#packet, this.#packet.length);
    if (length < 0 && errnoName(length) === 'EAGAIN') return undefined;
    return this.#packet.subarray(0, must(length, 'reading from the TUN device'));
  }

  /** The device ceases to exist. */
  close(): void {
    closeSync(this.fd);
  }
}

/** Sets the loopback device of the main thread's network namespace up. */
export function setLoopbackUp(libc: Libc): void {
  const fd = must(libc.socket(AF_INET, SOCK_DGRAM, 0), 'socket');
  try {
    setUp(libc, fd, 'lo');
  } finally {
    libc.close(fd);
  }
}

function setUp(libc: Libc, fd: number, name: string): void {
  const flags = ifreq(name);
  must(libc.ioctl(fd, SIOCGIFFLAGS, flags), 'SIOCGIFFLAGS');
  flags.writeUInt16LE(flags.readUInt16LE(16) | IFF_UP, 16);
  must(libc.ioctl(fd, SIOCSIFFLAGS, flags), 'SIOCSIFFLAGS');
}

/** How many packets may wait to be read. There is an ioctl for it, which is for the machine's root only; rtnetlink(7) is not. */
function setQueue(libc: Libc, index: number, packets: number): void {
  const message = Buffer.alloc(40);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(RTM_NEWLINK, 4);
  message.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK, 6);
  message.writeInt32LE(index, 20);
  message.writeUInt16LE(8, 32);
  message.writeUInt16LE(IFLA_TXQLEN, 34);
  message.writeUInt32LE(packets, 36);
  const fd = must(libc.socket(AF_NETLINK, SOCK_RAW, 0), 'a netlink socket');
  try {
    must(libc.write(fd, message, message.length), 'RTM_NEWLINK');
    const answer = Buffer.alloc(64);
    must(libc.read(fd, answer, answer.length), 'RTM_NEWLINK');
    must(answer.readInt32LE(16), 'the queue of the TUN device');
  } finally {
    libc.close(fd);
  }
}

function configure(libc: Libc, fd: number, request: number, value: Buffer): void {
  must(libc.ioctl(fd, request, value), `ioctl 0x${request.toString(16)} on ${TUN_NAME}`);
}

/** The kernel's `struct ifreq`: a name, and a value that depends on the request. */
function ifreq(name: string): Buffer {
  const request = Buffer.alloc(40);
  request.write(name);
  return request;
}

function address(ip: number): Buffer {
  const request = ifreq(TUN_NAME);
  request.writeUInt16LE(AF_INET, 16);
  request.writeUInt32BE(ip, 20);
  return request;
}

function number(value: number): Buffer {
  const request = ifreq(TUN_NAME);
  request.writeInt32LE(value, 16);
  return request;
}
