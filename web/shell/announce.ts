/**
 * The page's one polite live region. Invariant: at most one message in two seconds, the latest; so that
 * a busy ring does not talk over its reader.
 */
import { html, LitElement } from 'lit';
import { base } from '../theme/shared.ts';

const gapMs = 2000;

/** Says `message` to screen readers; heard by the shell, wherever in the page it is sent from. */
export function announce(from: EventTarget, message: string): void {
  from.dispatchEvent(new CustomEvent('announce', { detail: message, bubbles: true, composed: true }));
}

export class Announcer extends LitElement {
  static override styles = base;
  static override properties = { message: { state: true } };
  declare message: string;
  #next: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.message = '';
  }

  say(message: string): void {
    this.#next = message;
    if (this.#timer === undefined) this.#speak();
  }

  #speak(): void {
    if (this.#next === undefined) {
      this.#timer = undefined;
      return;
    }
    this.message = this.#next;
    this.#next = undefined;
    this.#timer = setTimeout(() => this.#speak(), gapMs);
  }

  protected override render() {
    return html`<div class="hidden-text" role="status" aria-live="polite">${this.message}</div>`;
  }
}

customElements.define('tb-announcer', Announcer);
