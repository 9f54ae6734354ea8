/** The settings: scenario, kernels, and a control for each part of the workload. */

import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type Problem, problemAt } from '../../../src/trace/problem.js';
import { type Draft, draftOf, scenarioOf, type View } from '../address.js';
import { entered, type Field, GROUPS, isFor, KERNELS, shown } from '../fields.js';
import { SCENARIOS } from '../scenarios.js';
import { PageElement } from './element.js';

/** Tells `change` with the parts of the view that are to be others. */
export class Controls extends PageElement {
  static override properties = { view: { attribute: false }, problem: { attribute: false } };
  declare view: View;
  declare problem: Problem | undefined;
  /** Where there is room, all groups are open at first. */
  private readonly isWide = matchMedia('(min-width: 62rem)').matches;

  override render(): TemplateResult {
    const { kernels, workload } = this.view;
    const scenario = scenarioOf(workload);
    const place =
      this.problem === undefined ? undefined : GROUPS.flatMap(({ fields }) => fields).find((one) => this.isWrong(one));
    return html`
      <form class="controls" @submit=${(event: Event) => event.preventDefault()}>
        <label class="wide">
          <span>Scenario</span>
          <select @change=${this.choose} name="scenario">
            ${SCENARIOS.map((one, i) => html`<option value=${i} .selected=${one === scenario}>${one.name}</option>`)}
            ${scenario === undefined ? html`<option value="" selected>Your own</option>` : nothing}
          </select>
        </label>
        <p class="about">${scenario?.about ?? 'Changed by you: the link above shows it to others.'}</p>
        <fieldset class="kernels">
          <legend>Kernels</legend>
          ${KERNELS.map(
            (name) => html`
              <label>
                <input
                  type="checkbox"
                  name="kernel"
                  value=${name}
                  .checked=${live(kernels.includes(name))}
                  @change=${this.toggle}
                />
                <span>${name}</span>
              </label>
            `,
          )}
        </fieldset>
        ${
          this.problem === undefined
            ? nothing
            : html`<p class="problem" role="alert" id="problem">${problemInWords(this.problem)}</p>`
        }
        ${GROUPS.map(
          ({ name, fields }) => html`
            <details ?open=${this.isWide || fields.some((field) => field === place)}>
              <summary>${name}</summary>
              <fieldset aria-label=${name}>
                ${fields.map((field) => (isFor(field, workload) ? this.control(field, workload, field === place) : nothing))}
              </fieldset>
            </details>
          `,
        )}
      </form>
    `;
  }

  private control(field: Field, workload: Draft, isWrong: boolean): TemplateResult {
    const { label, unit, choices, hint, empty = '' } = field;
    const value = shown(field, workload);
    const change = (event: Event): void => {
      const { value: text } = event.target as HTMLInputElement | HTMLSelectElement;
      this.tell('change-view', { workload: entered(field, workload, text), at: undefined });
    };
    const name = field.keys.join('/');
    const about = isWrong ? 'problem' : nothing;
    const known = choices?.some(([one]) => one === value) ?? true;
    return html`
      <label title=${hint}>
        <span>${label}</span>
        ${
          choices === undefined
            ? html`<input
                type="text"
                inputmode=${field.spans === undefined ? 'decimal' : 'text'}
                autocomplete="off"
                spellcheck="false"
                name=${name}
                placeholder=${empty}
                aria-invalid=${isWrong ? 'true' : nothing}
                aria-describedby=${about}
                .value=${live(value)}
                @change=${change}
              />`
            : html`<select name=${name} aria-invalid=${isWrong ? 'true' : nothing} aria-describedby=${about} @change=${change}>
                ${choices.map(([one, text]) => html`<option value=${one} .selected=${one === value}>${text}</option>`)}
                ${known ? nothing : html`<option value=${value} selected>${value}</option>`}
              </select>`
        }
        <span class="unit">${unit ?? ''}</span>
      </label>
    `;
  }

  private isWrong({ keys }: Field): boolean {
    return this.problem?.path.startsWith(problemAt(keys, '').path) ?? false;
  }

  private choose({ target }: Event): void {
    const scenario = SCENARIOS[Number((target as HTMLSelectElement).value || 'none')];
    if (scenario === undefined) return;
    this.tell('change-view', {
      kernels: scenario.kernels,
      workload: draftOf(scenario.workload),
      at: undefined,
      window: undefined,
      speed: undefined,
    });
  }

  private toggle({ target }: Event): void {
    const { value, checked } = target as HTMLInputElement;
    const chosen = new Set(this.view.kernels);
    if (checked) chosen.add(value);
    else chosen.delete(value);
    this.tell('change-view', { kernels: KERNELS.filter((name) => chosen.has(name)), at: undefined });
  }
}

/** As on the command line. */
const problemInWords = ({ path, message }: Problem): string => [path, message].filter((part) => part !== '').join(': ');

customElements.define('backlog-controls', Controls);
