/** Which sysctls are in force at a step of a trace, as far as the trace tells. */

import type { KernelSysctl, Step, TraceHeader } from '../../../src/generated/types.js';
import { kernelSpec } from '../../../src/host/kernel-spec.js';

/** The sysctls of one trace; {@link note} has to see every step. */
export class Settings {
  readonly #values = new Map<string, number | undefined>();
  readonly #defaults: Readonly<Record<string, KernelSysctl>>;

  /** `kernel`: the variant whose defaults hold. */
  constructor({ sysctl, sysctlErrors = {}, origin }: TraceHeader, kernel: string) {
    this.#defaults = kernelSpec(kernel)?.sysctls ?? {};
    for (const [name, value] of Object.entries(sysctl)) {
      if (!Object.hasOwn(sysctlErrors, name)) this.#values.set(name, known(value));
      // Recorders need not have started from a fresh machine, so what a refused write left is theirs to know.
      else if (origin === 'recorded') this.#values.set(name, undefined);
    }
  }

  /** The value in force; undefined where the trace does not tell. */
  value(name: string): number | undefined {
    return this.#values.has(name) ? this.#values.get(name) : this.#defaults[name]?.default;
  }

  /** Takes note of what a step wrote. */
  note({ event, result }: Step): void {
    if (!('sysctl' in event)) return;
    const written = Object.entries(event.sysctl);
    if (written.length === 1 && result !== 0) return;
    for (const [name, value] of written) this.#values.set(name, result === 0 ? known(value) : undefined);
  }
}

/** The longest timeout of the listener, which is that of the machine when the listener was made; {@link note} has to see every step, after the settings did. */
export class LongestTimeout {
  readonly #settings: Settings;
  #isMade = false;
  /** In µs; undefined where the trace does not tell. */
  value: number | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Takes note of the listeners that are made and closed. */
  note({ event }: Step): void {
    if (!('syscall' in event)) return;
    if (event.syscall === 'close' && !('peer' in event)) this.#isMade = false;
    if (event.syscall !== 'listen' || event.on !== undefined || this.#isMade) return;
    this.#isMade = true;
    const longest = this.#settings.value('net.ipv4.tcp_rto_max_ms');
    this.value = longest === undefined ? undefined : longest * 1000;
  }
}

/** What a kernel stores of a number that does not fit into 32 bits is its own affair. */
function known(value: number): number | undefined {
  return value === (value | 0) ? value : undefined;
}

/** The retransmissions that are allowed to a SYN-ACK at a step: TCP_SYNCNT, or else tcp_synack_retries; undefined where it is not known. */
export function retriesAllowed({ sockopt }: TraceHeader, settings: Settings): number | undefined {
  const { TCP_SYNCNT: count } = sockopt;
  if (count !== undefined && count >= 1 && count <= 127) return count;
  return settings.value('net.ipv4.tcp_synack_retries');
}
