/** What this browser stores of the page, and whether it keeps it; with the question to keep it, which only its user asks ([STO-5]). */
import { css, html, LitElement, nothing } from 'lit';
import { explained } from '../errors.ts';
import { announce } from '../shell/announce.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { base, controls } from '../theme/shared.ts';
import { bytes } from '../words.ts';

export class DiskPanel extends LitElement {
  static override properties = {
    session: { attribute: false },
    asking: { state: true },
    answer: { state: true },
  };
  declare session: OpenSession | undefined;
  declare asking: boolean;
  /** What became of the question, if it was asked. */
  declare answer: string | undefined;

  static override styles = [base, controls, css`.panel { display: grid; gap: 12px; justify-items: start; }`];

  constructor() {
    super();
    this.asking = false;
  }

  async #ask(): Promise<void> {
    this.asking = true;
    this.answer = undefined;
    try {
      const kept = await this.session?.store.persist();
      this.answer = kept
        ? 'The browser has agreed.'
        : 'The browser has not agreed. It may later, when the page is used more.';
    } catch (error) {
      this.answer = `The browser was not asked. ${explained(error)}`;
    }
    this.asking = false;
    announce(this, this.answer);
  }

  protected override render() {
    const { session } = this;
    if (!session) return nothing;
    const { storage } = session.view;
    if (!storage) return html`<p class="soft">This browser does not say what it stores for this page.</p>`;
    const { usageBytes, quotaBytes, persisted } = storage;
    return html`<div class="panel" data-testid="disk">
      <p>This page stores ${bytes(usageBytes)} in this browser, which says that it may store ${bytes(quotaBytes)}.</p>
      ${persisted ? html`<p class="soft">The browser keeps it until somebody deletes it.</p>` : this.#evictable(session)}
      ${this.answer ? html`<p class="small">${this.answer}</p>` : nothing}
    </div>`;
  }

  /** Nobody is asked to keep what is not there yet. */
  #evictable({ view }: OpenSession) {
    if (view.keys === 0) return nothing;
    return html`<p class="notice warn small">While no tab of this page is open the browser may delete all of it, when space runs short or the page was not used for long.</p>
      <button ?disabled=${this.asking} @click=${this.#ask}>Ask the browser to keep it</button>`;
  }
}

customElements.define('tb-disk', DiskPanel);
