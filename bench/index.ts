/** Benchmarks. Each figure is a ratio of two things measured in this run, so that it means the same on a slow and on a fast machine. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Workload } from '../src/generated/types.js';
import { Clock } from '../src/host/clock.js';
import { skb } from '../src/host/segment.js';
import { type Host, KERNELS, type KernelVariant } from '../src/index.js';
import { RecordJudge } from '../src/judge/judge-trace.js';
import { SeededEnvironment } from '../src/run/environment.js';
import { simulate } from '../src/simulate/simulate.js';
import { TraceDecoder } from '../src/trace/decode.js';
import { fastCheckShare, scenarioRates } from './scenarios.js';

const ROUNDS = 7;

/** Milliseconds that `work` takes. */
function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;

/** The median of the pairwise ratios of two works, run in turn, after one warm-up each. */
function ratio(a: () => void, b: () => void): { a: number; b: number; ratio: number } {
  a();
  b();
  const pairs = Array.from({ length: ROUNDS }, () => ({ a: time(a), b: time(b) }));
  return {
    a: median(pairs.map((one) => one.a)),
    b: median(pairs.map((one) => one.b)),
    ratio: median(pairs.map((one) => one.a / one.b)),
  };
}

const fixture = (path: string): Buffer => gunzipSync(readFileSync(join('fixtures', path)));

/** Judging a file against parsing its lines as JSON and nothing else. */
function judging(folder: string): void {
  const bytes = fixture(`${folder}/random.ndjson.gz`);
  let steps = 0;
  const judge = (): void => {
    const decoder = new TraceDecoder();
    const traces = new RecordJudge();
    steps = 0;
    for (let at = 0; at < bytes.length; at += 1 << 18) {
      for (const record of decoder.decode(bytes.subarray(at, at + (1 << 18)))) {
        traces.take(record);
        steps += 1;
      }
    }
    for (const record of decoder.end()) traces.take(record);
    traces.end();
  };
  const parse = (): void => {
    for (const line of bytes.toString('latin1').split('\n')) if (line !== '') JSON.parse(line);
  };
  const result = ratio(judge, parse);
  const rate = Math.round(steps / (result.a / 1000));
  console.log(
    `judge ${folder}/random.ndjson: ${result.ratio.toFixed(2)} times JSON.parse of the same lines ` +
      `(${result.a.toFixed(0)} ms, ${result.b.toFixed(0)} ms; ${rate} lines a second)`,
  );
}

/** A machine with a listener on which `pending` peers have sent a SYN and no more. */
function machineWith(variant: KernelVariant, pending: number): { host: Host; env: SeededEnvironment } {
  const env = new SeededEnvironment(1);
  const host = variant.boot(env, Clock.known(1000, 0, 0, 0), {});
  variant.writeSysctl(host, 'net.core.somaxconn', 65535);
  variant.writeSysctl(host, 'net.ipv4.tcp_max_syn_backlog', 1 << 20);
  variant.call(host, { syscall: 'listen', backlog: 65535 });
  for (let peer = 0; peer < pending; peer++) variant.receive(host, skb({ peer, seq: 1000, syn: true }));
  env.sent = [];
  host.fired = [];
  return { host, env };
}

const HANDSHAKES = 200_000;

/** Handshakes, each from SYN to accept, beside requests that are pending. */
function handshakes(variant: KernelVariant, { host, env }: ReturnType<typeof machineWith>): void {
  for (let i = 0; i < HANDSHAKES; i++) {
    const peer = 1_000_000 + (i & 1023);
    variant.receive(host, skb({ peer, seq: 5000, syn: true }));
    const isn = env.sent[0]?.seq ?? 0;
    variant.receive(host, skb({ peer, seq: 5001, ack: true, ack_seq: isn + 1 }));
    variant.call(host, { syscall: 'accept', nonblocking: true });
    variant.call(host, { syscall: 'close', peer, linger: 0 });
    env.sent = [];
    host.fired = [];
  }
}

function stepping(variant: KernelVariant): void {
  const few = machineWith(variant, 10);
  const rate = (ms: number): string => `${(HANDSHAKES / ms / 1000).toFixed(2)} million a second`;
  time(() => handshakes(variant, few));
  const alone = median(Array.from({ length: ROUNDS }, () => time(() => handshakes(variant, few))));
  console.log(`${variant.name}: handshakes, each with its accept and close, with 10 pending requests: ${rate(alone)}`);
  const many = machineWith(variant, 60_000);
  const result = ratio(
    () => handshakes(variant, many),
    () => handshakes(variant, few),
  );
  console.log(
    `${variant.name}: with 60,000 pending requests they take ${result.ratio.toFixed(2)} times as long as with 10 ` +
      `(both machines in one heap: ${rate(result.a)}, ${rate(result.b)})`,
  );
}

/** Clients and a server around the model against the same number of handshakes on the bare model; and a million clients. */
function simulating(variant: KernelVariant): void {
  const workload = (count: number): Workload => ({
    workload: 1,
    backlog: 128,
    clients: { arrivals: { kind: 'poisson', rate: 50_000, count }, roundTrip: 200 },
    server: { service: 1000 },
  });
  const bare = machineWith(variant, 10);
  const result = ratio(
    () => simulate(variant, workload(HANDSHAKES)),
    () => handshakes(variant, bare),
  );
  const million = time(() => simulate(variant, workload(1_000_000)));
  console.log(
    `${variant.name}: simulated clients take ${result.ratio.toFixed(2)} times as long as as many handshakes on the bare model ` +
      `(${result.a.toFixed(0)} ms, ${result.b.toFixed(0)} ms); a million of them ${(million / 1000).toFixed(1)} s`,
  );
}

/** Peak memory for a file and for one that is ten times as long. */
function memory(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tcp-backlog-bench-'));
  try {
    const once = fixture('linux-4.15/random.ndjson.gz');
    const short = join(folder, 'once.ndjson');
    const long = join(folder, 'ten-times.ndjson');
    writeFileSync(short, once);
    writeFileSync(long, Buffer.concat(Array.from({ length: 10 }, () => once)));
    const script = fileURLToPath(new URL('./peak-memory.js', import.meta.url));
    const peak = (file: string): number => Number(execFileSync(process.execPath, [script, file], { encoding: 'utf8' }));
    const [a, b] = [peak(long), peak(short)];
    console.log(
      `judge a file ten times as long: ${(a / b).toFixed(2)} times the peak memory (${(a / 1024).toFixed(0)} MiB, ${(b / 1024).toFixed(0)} MiB)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each part runs in a process of its own, so that none is slowed down by the code that another has run. */
const PARTS: Readonly<Record<string, () => void | Promise<void>>> = {
  'judge-2.6.32': () => judging('linux-2.6.32'),
  'judge-4.15': () => judging('linux-4.15'),
  ...Object.fromEntries(KERNELS.map((variant) => [`step-${variant.name}`, () => stepping(variant)])),
  ...Object.fromEntries(KERNELS.map((variant) => [`simulate-${variant.name}`, () => simulating(variant)])),
  ...Object.fromEntries(
    KERNELS.flatMap((variant) => [
      [`scenarios-${variant.name}`, () => scenarioRates(variant)],
      [`fast-check-${variant.name}`, () => fastCheckShare(variant)],
    ]),
  ),
  memory,
};

const part = process.argv[2];
if (part !== undefined) await PARTS[part]?.();
else
  for (const name of Object.keys(PARTS))
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' });
