/** What the page's elements have in common: they render into the page itself, so that one style sheet, and labels across elements, hold for all. */

import { LitElement } from 'lit';

/** See the file's comment. */
export abstract class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Tells those around. */
  protected tell<T>(name: string, detail: T): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}
