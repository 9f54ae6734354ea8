/** The page: settings beside what comes of them, or a file of traces instead. */

import { html, nothing, type TemplateResult } from 'lit';
import type { LimitsRow } from '../../../src/report/limits-text.js';
import type { Problem } from '../../../src/trace/problem.js';
import { addressOf, type TraceView, type View, viewOf } from '../address.js';
import { Engine } from '../engine.js';
import { KERNELS } from '../fields.js';
import { type Stop, stopsOf } from '../moments.js';
import { pack, unpack } from '../packed.js';
import type { OpenTrace, Simulated } from '../protocol.js';
import { TraceSession } from '../trace-session.js';
import { grouped } from '../words.js';
import './controls.js';
import { PageElement } from './element.js';
import { events, gauges, stopInWords } from './moment.js';
import type { Play, Rest } from './stage.js';
import './stage.js';
import { table } from './table.js';
import { invalid, step, verdictsInWords, violation } from './trace.js';

/** Changes that follow each other within this time, ms, are run as one. */
const PAUSE = 60;

/** See the file's comment. */
export class App extends PageElement {
  static override properties = {
    view: { state: true },
    simulated: { state: true },
    limits: { state: true },
    problem: { state: true },
    progress: { state: true },
    notice: { state: true },
    isDropping: { state: true },
  };
  declare private view: View;
  declare private simulated: { readonly data: Simulated; readonly play: Play } | undefined;
  declare private limits: readonly LimitsRow[] | undefined;
  declare private problem: Problem | undefined;
  declare private progress: string;
  declare private notice: string;
  declare private isDropping: boolean;
  private readonly runs = new Engine();
  private readonly settings = new Engine();
  private session: TraceSession | undefined;
  private tracePlay: { readonly open: OpenTrace; readonly play: Play } | undefined;
  private bytes: Blob | undefined;
  private width = 0;
  private isRunning = false;
  private address = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly resized = new ResizeObserver(() => this.resize());

  constructor() {
    super();
    this.runs.warm();
    this.view = viewOf(location.hash.slice(1));
    this.progress = '';
    this.notice = '';
    this.isDropping = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', () => this.follow());
    addEventListener('dragover', (event) => this.drag(event));
    addEventListener('dragleave', () => {
      this.isDropping = false;
    });
    addEventListener('drop', (event) => this.drop(event));
  }

  protected override firstUpdated(): void {
    const main = this.querySelector('main');
    if (main === null) return;
    this.width = pictureWidth(main);
    this.resized.observe(main);
    this.load();
  }

  override render(): TemplateResult {
    const { trace } = this.view;
    return html`
      <header>
        <h1>The listen backlog, kernel by kernel</h1>
        <p>What Linux does when more clients connect than a server accepts. The models run here, in your browser.</p>
        <div class="actions">
          ${trace === undefined ? nothing : html`<button @click=${() => this.change({ trace: undefined })}>Back to the simulation</button>`}
          <button @click=${() => this.querySelector<HTMLInputElement>('#file')?.click()}>Open a trace…</button>
          <input id="file" type="file" class="visually-hidden" tabindex="-1" aria-label="Trace file" @change=${this.chosen} />
          <button @click=${this.copy}>Copy link</button>
          <span class="notice" role="status">${this.notice}</span>
        </div>
      </header>
      <div
        class="page ${trace === undefined ? '' : 'traced'}"
        @change-view=${({ detail }: CustomEvent<Partial<View>>) => this.change(detail)}
        @settle=${({ detail }: CustomEvent<Rest>) => this.settle(detail)}
        @speed=${({ detail }: CustomEvent<number | undefined>) => this.change({ speed: detail })}
        @zoom=${({ detail }: CustomEvent<{ window: readonly [number, number]; at: number }>) => this.zoom(detail)}
      >
        ${
          trace === undefined
            ? html`<aside aria-label="Settings">
                <backlog-controls .view=${this.view} .problem=${this.problem}></backlog-controls>
              </aside>`
            : nothing
        }
        <main>${trace === undefined ? this.run() : this.trace(trace)}</main>
      </div>
      ${this.isDropping ? html`<div class="dropping" aria-hidden="true">Drop a trace file</div>` : nothing}
    `;
  }

  private run(): TemplateResult {
    const { limits, problem, progress, simulated, view } = this;
    return html`
      <p class="progress" role="status">${progress}</p>
      ${
        simulated === undefined
          ? html`<div class="waiting" aria-busy=${problem === undefined}></div>`
          : html`
              <backlog-stage
                class=${problem === undefined ? '' : 'stale'}
                .play=${simulated.play}
                .start=${view.at}
                .speed=${view.speed}
                .isZoomed=${view.window !== undefined}
              ></backlog-stage>
            `
      }
      ${limits === undefined ? nothing : html`<section class="report limits"><h2>What these settings mean</h2>${table('What these settings mean', limits)}</section>`}
      ${
        simulated === undefined
          ? nothing
          : html`<section class="report results">
              <h2>What came of it</h2>
              ${table('What came of it', simulated.data.rows)}
            </section>`
      }
    `;
  }

  private trace(view: TraceView): TemplateResult {
    const { session } = this;
    const { file, open, problem, progress } = session ?? {};
    const shown = Math.min(view.step ?? Math.max(0, open?.violation?.step ?? 0), (open?.times.length ?? 1) - 1);
    return html`
      <h2>${view.name}</h2>
      <p class="progress" role="status">${progress || (file === undefined ? '' : verdictsInWords(file.reports))}</p>
      ${problem === undefined ? nothing : html`<p class="problem" role="alert">${[problem.path, problem.message].filter(Boolean).join(': ')}</p>`}
      ${file === undefined ? nothing : invalid(view.name, file.reports)}
      ${file === undefined || file.reports.length === 0 ? nothing : this.choices(view)}
      ${
        open === undefined || session === undefined
          ? nothing
          : html`
              ${open.violation === undefined ? nothing : violation(open.violation, open, () => this.settle({ at: undefined, stop: open.violation?.step ?? 0 }))}
              ${
                open.times.length === 0
                  ? nothing
                  : html`<backlog-stage
                      .play=${this.playOf(open, session)}
                      .start=${open.times[shown]}
                      .startStop=${shown}
                      .speed=${this.view.speed}
                      .version=${session.version}
                    ></backlog-stage>`
              }
            `
      }
    `;
  }

  private choices(view: TraceView): TemplateResult {
    const reports = this.session?.file?.reports ?? [];
    const change = (more: Partial<TraceView>): void => this.change({ trace: { ...view, step: undefined, ...more } });
    return html`
      <div class="choices">
        <label>
          <span>Trace</span>
          <select @change=${({ target }: Event) => change({ report: Number((target as HTMLSelectElement).value) })}>
            ${reports.map(
              ({ id, line, verdict }, i) =>
                html`<option value=${i} .selected=${i === (view.report ?? 0)}>${id || `line ${grouped(line ?? 0)}`}: ${verdict}</option>`,
            )}
          </select>
        </label>
        <label>
          <span>judged as</span>
          <select
            @change=${({ target }: Event) => change({ kernel: (target as HTMLSelectElement).value || undefined, report: undefined })}
          >
            <option value="" .selected=${view.kernel === undefined}>what its header says</option>
            ${KERNELS.map(
              (name) => html`<option value=${name} .selected=${name === view.kernel}>Linux ${name}</option>`,
            )}
          </select>
        </label>
      </div>
    `;
  }

  /** The steps of a trace as a stage plays them. */
  private playOf(open: OpenTrace, session: TraceSession): Play {
    if (this.tracePlay?.open !== open) {
      const before = this.tracePlay?.play;
      const isSame = this.tracePlay?.open.times === open.times && before !== undefined;
      const stops = isSame ? before.stops : open.times.map((at, i) => ({ at, isLoss: i === open.violation?.step }));
      const play: Play = {
        picture: open.picture,
        stops,
        tell: ({ at, stop, isPassing }) => html`
          ${gauges([open.timeline], open.kinds, at)}
          ${step(session.step(stop), stop, open, session.rules, isPassing)}
        `,
        name: (stop) => `step ${stop + 1}`,
        lossName: 'violation',
        zooms: false,
      };
      this.tracePlay = { open, play };
    }
    return this.tracePlay.play;
  }

  /** Another view: shows it, and asks for what it needs. */
  private change(part: Partial<View>): void {
    const before = this.view;
    this.view = { ...before, ...part };
    this.notice = '';
    const isOther = 'workload' in part && !('window' in part) && this.view.window !== undefined;
    if (isOther) this.view = { ...this.view, window: undefined };
    this.remember();
    const { kernels, trace, window, workload } = this.view;
    if (trace !== undefined) {
      if (trace.kernel !== before.trace?.kernel) void this.judge(trace);
      else if (trace.report !== before.trace?.report) void this.session?.show(trace.report ?? 0, this.width);
    } else if (
      before.trace !== undefined ||
      kernels !== before.kernels ||
      workload !== before.workload ||
      window !== before.window
    ) {
      this.soon();
    }
  }

  private zoom({ window: [from, to], at }: { window: readonly [number, number]; at: number }): void {
    const whole = this.simulated?.data.until ?? 0;
    const length = to - from;
    const begin = Math.max(0, Math.min(from, whole - length));
    // Nearly all of it is all of it: times are rounded on the way in.
    this.change({ window: length > 0.98 * whole ? undefined : [begin, begin + length], at });
  }

  /** The time has come to rest. */
  private settle({ at, stop }: Rest): void {
    const { trace } = this.view;
    this.view =
      trace === undefined ? { ...this.view, at } : { ...this.view, trace: { ...trace, step: Math.max(0, stop) } };
    this.remember();
  }

  private remember(): void {
    this.address = addressOf(this.view);
    history.replaceState(null, '', `#${this.address}`);
  }

  /** The address has been changed by somebody else. */
  private follow(): void {
    const address = location.hash.slice(1);
    if (address === this.address) return;
    this.view = viewOf(address);
    this.load();
  }

  private load(): void {
    this.address = location.hash.slice(1);
    const { trace } = this.view;
    if (trace !== undefined) void this.unpacked(trace);
    // The picture first: both at once would take longer.
    else void this.simulate().then(() => this.look());
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  /** Runs the workload, and looks what its settings mean. */
  private ask(): void {
    void this.simulate();
    void this.look();
  }

  private async simulate(): Promise<void> {
    const { kernels, window, workload } = this.view;
    const told = (text: string): void => {
      this.progress = text;
    };
    this.isRunning = true;
    const outcome = await this.runs.ask('simulate', { workload, kernels, window, width: this.width }, told);
    if (outcome === undefined) return;
    this.isRunning = false;
    this.progress = '';
    if ('problem' in outcome) {
      this.problem = outcome.problem;
      return;
    }
    this.problem = undefined;
    const data = outcome.answer;
    this.simulated = { data, play: playOf(data, stopsOf(data.timelines)) };
  }

  private async look(): Promise<void> {
    const { kernels, workload } = this.view;
    const outcome = await this.settings.ask('limits', { workload, kernels });
    if (outcome !== undefined && 'answer' in outcome) this.limits = outcome.answer;
  }

  private resize(): void {
    const main = this.querySelector('main');
    const width = main === null ? 0 : pictureWidth(main);
    if (width === this.width || width === 0) return;
    this.width = width;
    if (this.view.trace !== undefined) this.session?.draw(width);
    else if (this.isRunning) void this.simulate();
    else void this.draw();
  }

  private async draw(): Promise<void> {
    const { simulated } = this;
    const outcome = await this.runs.ask('draw', { width: this.width });
    if (simulated === undefined || simulated !== this.simulated || outcome === undefined || !('answer' in outcome))
      return;
    this.simulated = { ...simulated, play: { ...simulated.play, picture: outcome.answer } };
  }

  private drag(event: DragEvent): void {
    event.preventDefault();
    this.isDropping = true;
  }

  private drop(event: DragEvent): void {
    event.preventDefault();
    this.isDropping = false;
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) void this.take(file);
  }

  private chosen({ target }: Event): void {
    const input = target as HTMLInputElement;
    const file = input.files?.[0];
    if (file !== undefined) void this.take(file);
    input.value = '';
  }

  /** Opens a file that somebody gave. */
  private async take(file: File): Promise<void> {
    this.bytes = file;
    const packed = await pack(file);
    const trace: TraceView = { name: file.name, packed, kernel: undefined, report: undefined, step: undefined };
    this.view = { ...this.view, speed: undefined, trace };
    this.notice = '';
    this.remember();
    await this.judge(trace);
  }

  /** Opens the file of an address. */
  private async unpacked(trace: TraceView): Promise<void> {
    const bytes = trace.packed === undefined ? undefined : await unpack(trace.packed);
    if (bytes === undefined) {
      this.notice =
        trace.packed === undefined
          ? `The link does not hold ${trace.name}, which is too large: open the file.`
          : `The link is damaged: open ${trace.name} instead.`;
      return;
    }
    this.bytes = bytes;
    await this.judge(trace);
  }

  private async judge(trace: TraceView): Promise<void> {
    if (this.bytes === undefined) return;
    const session = new TraceSession(() => this.requestUpdate());
    this.session?.close();
    this.session = session;
    await session.read(trace.name, this.bytes, trace.kernel);
    const { file } = session;
    if (file === undefined || this.session !== session) return;
    const violates = file.reports.findIndex(({ verdict }) => verdict === 'violates');
    const report = Math.min(trace.report ?? Math.max(0, violates), file.reports.length - 1);
    if (this.view.trace !== undefined && file.reports.length > 1) {
      this.view = { ...this.view, trace: { ...this.view.trace, report } };
      this.remember();
    }
    await session.show(report, this.width);
  }

  private async copy(): Promise<void> {
    this.remember();
    const { trace } = this.view;
    const lost = trace !== undefined && trace.packed === undefined ? ', but the file is too large for it' : '';
    try {
      await navigator.clipboard.writeText(location.href);
      this.notice = `The link is copied${lost}.`;
    } catch {
      this.notice = `The address of this page is the link${lost}.`;
    }
  }
}

function playOf(data: Simulated, stops: readonly Stop[]): Play {
  return {
    picture: data.picture,
    stops,
    tell: (position) => html`
      ${gauges(data.timelines, data.kinds, position.at)} ${events(data, stops[position.stop], position)}
    `,
    name: (stop) => stopInWords(data.kinds, stops[stop] as Stop),
    lossName: 'drop',
    zooms: true,
  };
}

/** How wide a picture may be. */
function pictureWidth(main: HTMLElement): number {
  const style = getComputedStyle(main);
  return Math.floor(main.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight));
}

customElements.define('backlog-app', App);
