/** Segments on their way: all take equally long, so that they arrive in the order in which they left. */

/** Bits of a segment's flags. */
export const SYN = 1;
export const ACK = 2;
export const RST = 4;
export const FIN = 8;
export const PSH = 16;

/** A segment's fields; those of the one that was taken last stand on the line itself, so that none costs an object. */
export class Line {
  peer = 0;
  flags = 0;
  seq = 0;
  ack = 0;
  len = 0;
  private head = 0;
  private size = 0;
  private times = new Float64Array(1024);
  /** For each segment its peer, sequence number and acknowledgement number. */
  private numbers = new Uint32Array(3 * 1024);
  /** For each segment its flags and its length. */
  private small = new Uint16Array(2 * 1024);

  /** When the first arrives; Infinity: there is none. */
  get at(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.times[this.head] as number);
  }

  /** Sends one that arrives at `at`, not before those that were sent earlier. */
  send(at: number, peer: number, flags: number, seq: number, ack: number, len: number): void {
    if (this.size === this.times.length) this.grow();
    const place = (this.head + this.size++) & (this.times.length - 1);
    this.times[place] = at;
    this.numbers[3 * place] = peer;
    this.numbers[3 * place + 1] = seq;
    this.numbers[3 * place + 2] = ack;
    this.small[2 * place] = flags;
    this.small[2 * place + 1] = len;
  }

  /** Takes the first. */
  take(): void {
    const { head, numbers, small } = this;
    this.peer = numbers[3 * head] as number;
    this.seq = numbers[3 * head + 1] as number;
    this.ack = numbers[3 * head + 2] as number;
    this.flags = small[2 * head] as number;
    this.len = small[2 * head + 1] as number;
    this.head = (head + 1) & (this.times.length - 1);
    this.size -= 1;
  }

  /** Twice the room, with the first segment in front. */
  private grow(): void {
    const { head, times, numbers, small } = this;
    const turned = <A extends Float64Array | Uint32Array | Uint16Array>(from: A, to: A, width: number): A => {
      to.set(from.subarray(width * head));
      to.set(from.subarray(0, width * head), from.length - width * head);
      return to;
    };
    this.times = turned(times, new Float64Array(2 * times.length), 1);
    this.numbers = turned(numbers, new Uint32Array(2 * numbers.length), 3);
    this.small = turned(small, new Uint16Array(2 * small.length), 2);
    this.head = 0;
  }
}
