/** What is due later, in order of time: a binary heap in typed arrays, so that a million timers make no garbage. */

/** Timers that cannot be disarmed: whoever gets one looks whether it still means anything. */
export class Timers {
  private size = 0;
  private times = new Float64Array(1024);
  private orders = new Float64Array(1024);
  private kinds = new Uint8Array(1024);
  private owners = new Uint32Array(1024);
  private count = 0;
  /** Of the one that was taken last. */
  kind = 0;
  /** Of the one that was taken last: whose it is. */
  owner = 0;

  /** When the first is due; Infinity: there is none. */
  get at(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.times[0] as number);
  }

  /** Arms one, due at `at`; of those that are due at the same time, the one that was armed first comes first. */
  add(at: number, kind: number, owner: number): void {
    if (at === Number.POSITIVE_INFINITY) return;
    if (this.size === this.times.length) this.grow();
    let place = this.size++;
    const order = this.count++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((this.times[parent] as number) <= at) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, at, order, kind, owner);
  }

  /** Takes the first, and tells it in `kind` and `owner`. */
  take(): void {
    this.kind = this.kinds[0] as number;
    this.owner = this.owners[0] as number;
    const last = --this.size;
    if (last <= 0) return;
    const [at, order] = [this.times[last] as number, this.orders[last] as number];
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= last) break;
      if (child + 1 < last && this.isBefore(child + 1, child)) child += 1;
      const time = this.times[child] as number;
      if (at < time || (at === time && order < (this.orders[child] as number))) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, at, order, this.kinds[last] as number, this.owners[last] as number);
  }

  private isBefore(a: number, b: number): boolean {
    const apart = (this.times[a] as number) - (this.times[b] as number);
    return apart < 0 || (apart === 0 && (this.orders[a] as number) < (this.orders[b] as number));
  }

  private move(from: number, to: number): void {
    this.put(
      to,
      this.times[from] as number,
      this.orders[from] as number,
      this.kinds[from] as number,
      this.owners[from] as number,
    );
  }

  private put(place: number, at: number, order: number, kind: number, owner: number): void {
    this.times[place] = at;
    this.orders[place] = order;
    this.kinds[place] = kind;
    this.owners[place] = owner;
  }

  private grow(): void {
    const { times, orders, kinds, owners } = this;
    const length = 2 * times.length;
    this.times = new Float64Array(length);
    this.orders = new Float64Array(length);
    this.kinds = new Uint8Array(length);
    this.owners = new Uint32Array(length);
    this.times.set(times);
    this.orders.set(orders);
    this.kinds.set(kinds);
    this.owners.set(owners);
  }
}
