/** Getting more tabs into the room: a link to open, to copy, and to scan. */
import { css, html, LitElement, nothing } from 'lit';
import { encode } from 'uqr';
import { icon } from '../theme/icons.ts';
import { base, controls } from '../theme/shared.ts';
import { announce } from './announce.ts';

const copiedMs = 2000;

export class Invite extends LitElement {
  static override properties = { link: {}, copied: { state: true }, code: { state: true } };
  /** The address that opens the room's cart. */
  declare link: string;
  declare copied: boolean;
  declare code: { path: string; size: number } | undefined;

  static override styles = [
    base,
    controls,
    css`
      .row { gap: 8px; }
      .button, button { padding-inline: 12px; }
      @media (max-width: 480px) {
        .row { flex-wrap: nowrap; }
        .row > * { flex: auto; font-size: 0.875rem; padding-inline: 8px; white-space: nowrap; }
      }
      @media (max-width: 380px) { .row .icon { display: none; } }
      dialog { border: 1px solid var(--line); border-radius: 20px; padding: 28px; background: var(--card); color: var(--ink); max-inline-size: min(400px, calc(100vw - 32px)); }
      dialog::backdrop { background: rgb(0 0 0 / 45%); }
      .content { display: grid; gap: 16px; justify-items: center; text-align: center; }
      .code { inline-size: 240px; max-inline-size: 100%; padding: 16px; border-radius: 12px; background: #fff; }
      .code svg { display: block; inline-size: 100%; }
      .link { overflow-wrap: anywhere; }
    `,
  ];

  constructor() {
    super();
    this.link = '';
    this.copied = false;
  }

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.link);
      this.copied = true;
      announce(this, 'Link copied.');
      setTimeout(() => {
        this.copied = false;
      }, copiedMs);
    } catch {
      // No clipboard on this origin: the dialog shows the link to be copied by hand.
      await this.#show();
    }
  };

  readonly #show = async (): Promise<void> => {
    const { data, size } = encode(this.link, { ecc: 'M', border: 0 });
    const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
    this.code = { path, size };
    await this.updateComplete;
    this.renderRoot.querySelector('dialog')?.showModal();
  };

  readonly #close = (): void => this.renderRoot.querySelector('dialog')?.close();

  protected override render() {
    const { code } = this;
    return html`<div class="row">
        <a class="button primary" href=${this.link} target="_blank" rel="noopener">${icon('tab')} Open another tab</a>
        <button @click=${this.#copy}>${icon('share')} ${this.copied ? 'Copied' : 'Copy link'}</button>
        <button @click=${this.#show} aria-label="QR code">QR</button>
      </div>
      <dialog aria-labelledby="invite-heading">
        ${
          code
            ? html`<div class="content">
                <h2 id="invite-heading">Join from another device</h2>
                <div class="code">
                  <svg viewBox="0 0 ${code.size} ${code.size}" role="img" aria-label="QR code of the link below" shape-rendering="crispEdges"><path d=${code.path} fill="#000" /></svg>
                </div>
                <p class="mono link" data-testid="invite-link">${this.link}</p>
                ${isLoopback() ? html`<p class="notice warn small">This page is served to this computer only, so another device cannot open the link.</p>` : nothing}
                <button @click=${this.#close}>Close</button>
              </div>`
            : nothing
        }
      </dialog>`;
  }
}

const isLoopback = (): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

customElements.define('tb-invite', Invite);
