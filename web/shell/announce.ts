/**
 * The page's one polite live region. Invariant: it speaks at most once in two seconds, and then says the latest of each
 * subject; so that a busy ring does not talk over its reader, and a receipt does not swallow what else there is to say.
 */
import { html, LitElement } from 'lit';
import { base } from '../theme/shared.ts';

const gapMs = 2000;

export interface Announcement {
  /** Of one subject only the latest is said. */
  readonly subject: 'done here' | 'receipt' | 'others' | 'merge' | 'health';
  readonly message: string;
}

/** Says `message` to screen readers; heard by the shell, wherever in the page it is sent from. */
export function announce(from: EventTarget, message: string, subject: Announcement['subject'] = 'done here'): void {
  const detail: Announcement = { subject, message };
  from.dispatchEvent(new CustomEvent('announce', { detail, bubbles: true, composed: true }));
}

export class Announcer extends LitElement {
  static override styles = base;
  static override properties = { message: { state: true } };
  declare message: string;
  readonly #next = new Map<Announcement['subject'], string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.message = '';
  }

  say({ subject, message }: Announcement): void {
    // Later than what was said of others meanwhile.
    this.#next.delete(subject);
    this.#next.set(subject, message);
    if (this.#timer === undefined) this.#speak();
  }

  #speak(): void {
    if (this.#next.size === 0) {
      this.#timer = undefined;
      return;
    }
    this.message = [...this.#next.values()].join(' ');
    this.#next.clear();
    this.#timer = setTimeout(() => this.#speak(), gapMs);
  }

  protected override render() {
    return html`<div class="hidden-text" role="status" aria-live="polite">${this.message}</div>`;
  }
}

customElements.define('tb-announcer', Announcer);
