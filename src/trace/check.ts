/** Whether headers and steps make a trace: each is well formed, the times go on, and nothing refers to what is not there. */

import type { ArrivingSegment, SentSegment, Step, TraceHeader } from '../generated/types.js';
import { type Problem, problemAt } from './problem.js';
import { validateHeader, validateStep } from './validate.js';

/** Looks at one trace after another. What it accepts are values of the types {@link TraceHeader} and {@link Step}. */
export class TraceChecker {
  /** The peers that a segment came from since the header. */
  #peers = new Set<number>();
  /** When the last reading ended. */
  #until = 0;

  /** Starts a trace; what keeps `value` from being a header, or undefined. */
  header(value: unknown): Problem | undefined {
    this.#peers = new Set();
    this.#until = 0;
    return validateHeader(value) ?? checkHeader(value as TraceHeader);
  }

  /** Goes on with the trace; what keeps `value` from being its next step, or undefined. */
  step(value: unknown): Problem | undefined {
    return validateStep(value) ?? this.#check(value as Step);
  }

  #check(step: Step): Problem | undefined {
    const { event, observed } = step;
    if (step.at < this.#until) return backwards(['at'], step.at, this.#until, 'the end of the step before');
    if ('segments' in event) {
      for (const [i, segment] of event.segments.entries()) {
        const problem = checkFlags(segment, ['event', 'segments', i]);
        if (problem !== undefined) return problem;
        this.#peers.add(segment.peer);
      }
    }
    const problem = checkResult(step) ?? this.#checkSent(step) ?? this.#checkPeers(step);
    if (problem !== undefined) return problem;
    if (observed.at < step.at) return backwards(['observed', 'at'], observed.at, step.at, '$.at');
    if (observed.until < observed.at) {
      return backwards(['observed', 'until'], observed.until, observed.at, '$.observed.at');
    }
    this.#until = observed.until;
    return undefined;
  }

  #checkSent({ at, out, observed }: Step): Problem | undefined {
    let before = at;
    for (const [i, segment] of out.entries()) {
      if (segment.at < before) {
        return backwards(['out', i, 'at'], segment.at, before, i === 0 ? '$.at' : 'the segment before');
      }
      const problem = checkFlags(segment, ['out', i]);
      if (problem !== undefined) return problem;
      if (segment.newIsn !== undefined && !(segment.flags.includes('SYN') && segment.flags.includes('ACK'))) {
        return problemAt(['out', i, 'newIsn'], 'only a SYN-ACK has it');
      }
      if (!this.#peers.has(segment.peer)) return unknownPeer(['out', i, 'peer'], segment.peer);
      before = segment.at;
    }
    if (before > observed.until) {
      return backwards(['observed', 'until'], observed.until, before, 'the last segment sent');
    }
    return undefined;
  }

  #checkPeers({ accepted, observed }: Step): Problem | undefined {
    if (accepted !== undefined && !this.#peers.has(accepted)) return unknownPeer(['accepted'], accepted);
    const { sockets = [] } = observed;
    for (let i = 0; i < sockets.length; i++) {
      const { peer } = sockets[i] as { peer: number };
      if (!this.#peers.has(peer)) return unknownPeer(['observed', 'sockets', i, 'peer'], peer);
    }
    return undefined;
  }
}

function checkHeader({ sysctl, sysctlErrors = {} }: TraceHeader): Problem | undefined {
  const stray = Object.keys(sysctlErrors).find((name) => !Object.hasOwn(sysctl, name));
  return stray === undefined ? undefined : problemAt(['sysctlErrors', stray], 'not among those in $.sysctl');
}

/** System calls and sysctls have a result, other events have none; what belongs to one call is with that call only. */
function checkResult({ event, result, accepted, setupErrors }: Step): Problem | undefined {
  const call = 'syscall' in event ? event.syscall : undefined;
  if (call !== undefined || 'sysctl' in event) {
    if (result === undefined) return problemAt(['result'], 'missing');
  } else if (result !== undefined) {
    return problemAt(['result'], 'only a system call or a sysctl has one');
  }
  if (call === 'accept' && result === 0) {
    if (accepted === undefined) return problemAt(['accepted'], 'missing');
  } else if (accepted !== undefined) {
    return problemAt(['accepted'], 'only an accept with the result 0 has it');
  }
  if (setupErrors !== undefined && call !== 'listen') return problemAt(['setupErrors'], 'only a listen has them');
  return undefined;
}

/** Each flag once, and an acknowledgement number exactly with the flag ACK. */
export function checkFlags(
  { flags, ack }: ArrivingSegment | SentSegment,
  path: readonly PropertyKey[],
): Problem | undefined {
  if (flags.length > 1 && new Set(flags).size < flags.length) {
    return problemAt([...path, 'flags'], 'a flag is there twice');
  }
  if (flags.includes('ACK') === (ack !== undefined)) return undefined;
  return problemAt([...path, 'ack'], ack === undefined ? 'missing: the flag ACK is set' : 'the flag ACK is not set');
}

function backwards(path: readonly PropertyKey[], time: number, before: number, what: string): Problem {
  return problemAt(path, `time goes back: ${time} is before ${what} (${before})`);
}

function unknownPeer(path: readonly PropertyKey[], peer: number): Problem {
  return problemAt(path, `no such peer: nothing has arrived from ${peer} in this trace`);
}
