/** The golden traces by the rules that they show, as fixtures/index.json has them, each to be had as a file of its own. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A golden trace. */
export interface IndexedTrace {
  /** Relative to the fixtures' folder. */
  readonly file: string;
  readonly line: number;
  readonly id: string;
  readonly release: string;
  readonly rules: ReadonlySet<string>;
}

interface IndexFile {
  readonly rules: readonly string[];
  readonly files: readonly {
    readonly file: string;
    readonly kernel: string;
    readonly release: string;
    readonly traces: readonly { readonly line: number; readonly id: string; readonly rules: readonly number[] }[];
  }[];
}

/** Where the kernel refuses a sysctl, what an earlier trace wrote may still be in force: such a trace cannot be judged alone. */
const REFUSED = 'do_proc_dointvec_minmax_conv/out-of-range';

/** See the file's comment. */
export class GoldenIndex {
  private readonly fixtures: string;
  private readonly folder: string;
  private readonly kernels = new Map<string, IndexedTrace[]>();
  private readonly lines = new Map<string, string[]>();
  private readonly files = new Map<string, { path: string; id: string }>();

  /** `fixtures`: the folder of the traces; `index`: the file; `folder`: where to put traces of their own. */
  constructor(fixtures: string, index: string, folder: string) {
    this.fixtures = fixtures;
    this.folder = join(folder, 'traces');
    mkdirSync(this.folder);
    const { rules, files } = JSON.parse(readFileSync(index, 'utf8')) as IndexFile;
    for (const { file, kernel, release, traces } of files) {
      const known = this.kernels.get(kernel) ?? [];
      this.kernels.set(kernel, known);
      for (const { line, id, rules: positions } of traces) {
        const shown = new Set(positions.map((position) => rules[position] as string));
        if (!shown.has(REFUSED)) known.push({ file, line, id, release, rules: shown });
      }
    }
  }

  /** The traces of `kernel` that show one of `rules`: by turns of each rule and release; named before generated ones, few rules before many. */
  showing(kernel: string, rules: ReadonlySet<string>): IndexedTrace[] {
    const traces = this.sorted(kernel);
    const releases = new Set(traces.map(({ release }) => release));
    const lists = [...rules].flatMap((rule) =>
      [...releases].map((release) => traces.filter((trace) => trace.release === release && trace.rules.has(rule))),
    );
    const longest = Math.max(...lists.map(({ length }) => length));
    const turns = Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? []));
    return [...new Set(turns.flat())];
  }

  /** `n` traces of `kernel`, far apart in the order of {@link showing}. */
  sample(kernel: string, n: number): IndexedTrace[] {
    const traces = this.sorted(kernel);
    return Array.from({ length: n }, (_, i) => traces[Math.floor((i * traces.length) / n)] as IndexedTrace);
  }

  /** A file with nothing but this trace, and what to call it. */
  onFile({ file, line, id, release }: IndexedTrace): { path: string; id: string } {
    const path = join(this.folder, `${file.replaceAll('/', '-')}-${line}.ndjson`);
    if (!existsSync(path)) {
      const lines = this.linesOf(file);
      let end = line;
      while (end < lines.length && !(lines[end] as string).startsWith('{"trace"')) end++;
      writeFileSync(path, `${lines.slice(line - 1, end).join('\n')}\n`);
    }
    const one = { path, id: `${id} (${release})` };
    this.files.set(one.id, one);
    return one;
  }

  /** What {@link onFile} gave under this name. */
  named(id: string): { path: string; id: string } {
    const one = this.files.get(id);
    if (one === undefined) throw new RangeError(`unknown trace ${id}`);
    return one;
  }

  private sorted(kernel: string): IndexedTrace[] {
    const generated = ({ id }: IndexedTrace): number => (id.startsWith('rnd-') ? 1 : 0);
    const traces = this.kernels.get(kernel) ?? [];
    return [...traces].sort((a, b) => generated(a) - generated(b) || a.rules.size - b.rules.size);
  }

  private linesOf(file: string): string[] {
    const known = this.lines.get(file);
    if (known !== undefined) return known;
    const bytes = readFileSync(join(this.fixtures, file));
    const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split('\n');
    this.lines.set(file, lines);
    return lines;
  }
}
