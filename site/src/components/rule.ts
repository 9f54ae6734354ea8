/** A rule in a sentence, with the place in the kernel that says so. */

import { html, type TemplateResult } from 'lit';
import type { ToldRules } from '../protocol.js';

/** A rule of a kernel; only its name where nothing more is known. `times`: how often it fired. */
export function ruleTold(rules: ToldRules, kernel: string, rule: string, times = 1): TemplateResult {
  const told = rules[kernel]?.[rule];
  const name = html`<code class="rule">${rule}</code>${times > 1 ? ` (${times} times)` : ''}`;
  if (told === undefined) return html`<p>${name}</p>`;
  const { sentence, path, function: fn, release } = told;
  return html`
    <p class="sentence">${sentence}</p>
    <p class="citation">${name} <span>${path}, <code>${fn}</code> (Linux ${release})</span></p>
  `;
}
