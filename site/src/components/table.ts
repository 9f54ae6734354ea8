/** Tables of the reports: a row of kernels, then labels with a cell for each. */

import { html, type TemplateResult } from 'lit';
import type { LimitsRow } from '../../../src/report/limits-text.js';

/** A table; `name` is read to those who do not see it. */
export function table(name: string, [head, ...rows]: readonly LimitsRow[]): TemplateResult {
  const columns = head?.cells.length ?? 0;
  return html`
    <table role="table" aria-label=${name} style="--columns:${columns}">
      <thead>
        <tr role="row">
          <th role="columnheader" scope="col">${head?.label}</th>
          ${head?.cells.map((cell) => html`<th role="columnheader" scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.filter(({ label }) => label !== '').map((one) => row(one, columns))}
      </tbody>
    </table>
  `;
}

function row({ label, cells }: LimitsRow, columns: number): TemplateResult {
  const depth = label.length - label.trimStart().length;
  if (cells.length === 0) {
    return html`<tr role="row" class="heading"><th role="rowheader" colspan=${columns + 1} scope="rowgroup">${label}</th></tr>`;
  }
  const isNumber = cells.every((cell) => /^[\d,]+$/.test(cell));
  return html`
    <tr role="row" class="depth${depth >> 1} ${isNumber ? 'numbers' : ''}">
      <th role="rowheader" scope="row">${label.trim()}</th>
      ${cells.map((cell) => html`<td role="cell">${cell}</td>`)}
    </tr>
  `;
}
