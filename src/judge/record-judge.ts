/** Judges records as they are decoded, and makes the report of each trace: what reads files and what reads anything else share it. */

import type { TraceHeader, TraceReport } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { kernelNamed } from '../kernels.js';
import type { TraceRecord } from '../trace/decode.js';
import { TraceJudge, type Verdict } from './judge.js';

/**
 * The kernel that judges a trace: the one asked for, or the one that its header names.
 * @throws RangeError when the header names an unknown variant and no kernel is given
 */
export function variantFor(header: TraceHeader, kernel: KernelVariant | undefined): KernelVariant {
  const variant = kernel ?? kernelNamed(header.kernel.variant);
  if (variant === undefined) throw new RangeError(`unknown kernel variant ${JSON.stringify(header.kernel.variant)}`);
  return variant;
}

/** Judges records as they come. A trace's report comes with the record that ends it; it costs no more memory than one trace's state. */
export class RecordJudge {
  private readonly kernel: KernelVariant | undefined;
  private current: { header: TraceHeader; line: number; judge: TraceJudge; steps: number } | undefined;

  /** The sysctls that the traces so far have written, which may still be in force on a machine that runs one trace after the other. */
  private written: { release: string; settings: Record<string, number> } = { release: '', settings: {} };

  /** `kernel`: the variant that judges, whatever the headers say. */
  constructor(kernel?: KernelVariant) {
    this.kernel = kernel;
  }

  /** Takes the next record; returns the report of the trace that it ends, and that of a record that is invalid. */
  take(record: TraceRecord): TraceReport[] {
    switch (record.kind) {
      case 'step':
        if (this.current !== undefined) {
          this.current.steps += 1;
          this.current.judge.step(record.value, record.line);
          const { event, result } = record.value;
          if ('sysctl' in event && result === 0) Object.assign(this.written.settings, event.sysctl);
        }
        return [];
      case 'header': {
        const reports = this.end();
        const { value, line } = record;
        try {
          const variant = variantFor(value, this.kernel);
          const leftSettings = this.settingsLeftTo(value);
          this.current = {
            header: value,
            line,
            judge: new TraceJudge(variant, value, line, { leftSettings }),
            steps: 0,
          };
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          const message = `$.kernel.variant: ${error.message}`;
          reports.push({ id: value.id, kernel: value.kernel.variant, verdict: 'invalid', steps: 0, line, message });
        }
        return reports;
      }
      case 'invalid': {
        const reports = record.header === true ? this.end() : [];
        const header = this.current?.header;
        const steps = this.current?.steps ?? 0;
        this.current = undefined;
        const message = [record.path, record.message].filter((part) => part !== '').join(': ');
        const kernel = header === undefined ? '' : (this.kernel?.name ?? header.kernel.variant);
        const line = record.line > 0 ? { line: record.line } : {};
        return [...reports, { id: header?.id ?? '', kernel, verdict: 'invalid', steps, ...line, message }];
      }
    }
  }

  /** What earlier traces of the same machine have written; notes what this one writes. */
  private settingsLeftTo({ kernel, sysctl, sysctlErrors = {} }: TraceHeader): Readonly<Record<string, number>> {
    if (this.written.release !== kernel.release) this.written = { release: kernel.release, settings: {} };
    const left = { ...this.written.settings };
    for (const [name, value] of Object.entries(sysctl)) {
      if (sysctlErrors[name] === undefined) this.written.settings[name] = value;
    }
    return left;
  }

  /** The report of the trace that was being judged, if any. */
  end(): TraceReport[] {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) return [];
    const kernel = this.kernel?.name ?? current.header.kernel.variant;
    return [report(current.header.id, kernel, current.steps, current.judge.end())];
  }
}

function report(id: string, kernel: string, steps: number, verdict: Verdict): TraceReport {
  switch (verdict.verdict) {
    case 'conforms':
      return { id, kernel, verdict: 'conforms', steps };
    case 'undecided':
      return { id, kernel, verdict: 'undecided', steps, line: verdict.line, message: verdict.reason };
    case 'violates': {
      const { line, field, expected, observed, rules } = verdict;
      const rule = rules.at(-1);
      const message = `${field}: expected ${JSON.stringify(expected)}, observed ${JSON.stringify(observed)}`;
      return {
        id,
        kernel,
        verdict: 'violates',
        steps,
        line,
        ...(rule === undefined ? {} : { rule }),
        message,
        expected,
        observed,
      };
    }
  }
}
