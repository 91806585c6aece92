/** One key: where it lies, whom the walk meets and why, and what each replica holds. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Placement, ReplicaState } from '../../src/index.ts';
import { keyProblem } from '../router.ts';
import { announce } from '../shell/announce.ts';
import type { OpenSession } from '../state/store-controller.ts';
import { nodeLabel } from '../theme/node-label.ts';
import { base, controls, nodes, tables } from '../theme/shared.ts';
import { count } from '../words.ts';

const leastGapMs = 1000;
const shortWalk = 6;

export class KeyPanel extends LitElement {
  static override properties = {
    session: { attribute: false },
    keyName: { attribute: false },
    keys: { attribute: false },
    placement: { attribute: false },
    replicas: { state: true },
    whole: { state: true },
    refused: { state: true },
  };
  declare session: OpenSession | undefined;
  declare keyName: string | undefined;
  /** Keys to choose from: what this tab stores. */
  declare keys: readonly string[];
  declare placement: Placement | undefined;
  declare replicas: readonly ReplicaState[] | undefined;
  /** Whether the whole walk is shown, or only its beginning. */
  declare whole: boolean;
  /** Why what was typed last is no key. */
  declare refused: string | undefined;
  #asked = { key: '', at: -leastGapMs };

  static override styles = [
    base,
    controls,
    nodes,
    tables,
    css`
      .panel { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
      form { display: grid; gap: 6px; }
      .error { color: var(--bad); }
      .field { display: flex; gap: 8px; }
      .field input { flex: 1; min-inline-size: 0; }
      .keys { display: flex; flex-wrap: wrap; gap: 6px; }
      .keys button[aria-pressed='true'] { background: var(--accent-soft); border-color: var(--accent); }
      .stop { display: inline-grid; place-items: center; min-inline-size: 22px; block-size: 22px; border-radius: 50%; background: var(--ink); color: var(--card); font-size: 0.75rem; font-weight: 650; }
      .stop.none { background: none; color: var(--ink-soft); }
      .reason { display: block; }
    `,
  ];

  constructor() {
    super();
    this.keys = [];
    this.whole = false;
  }

  /** What the replicas hold is asked again with each new view, at most once a second. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    const { keyName, session } = this;
    if (changed.has('keyName')) this.refused = undefined;
    if (!changed.has('session') && !changed.has('keyName')) return;
    if (!keyName || !session) {
      this.replicas = undefined;
      return;
    }
    const moved = this.#asked.key !== keyName;
    if (moved) this.replicas = undefined;
    if (!moved && performance.now() - this.#asked.at < leastGapMs) return;
    this.#asked = { key: keyName, at: performance.now() };
    void session.store.inspect(keyName).then(
      (replicas) => {
        if (this.keyName === keyName) this.replicas = replicas;
      },
      () => undefined,
    );
  }

  #choose(key: string): void {
    this.dispatchEvent(new CustomEvent('choose-key', { detail: key }));
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    const input = this.renderRoot.querySelector('input');
    if (!input) return;
    this.refused = keyProblem(input.value);
    if (this.refused === undefined) return this.#choose(input.value);
    announce(this, this.refused);
    input.focus();
  };

  protected override render() {
    const { session, keyName } = this;
    if (!session) return nothing;
    // The address may have been typed, too.
    const problem = this.refused ?? (keyName === undefined ? undefined : keyProblem(keyName));
    return html`<div class="panel">
      <form @submit=${this.#submit}>
        <label for="key">Any key, stored or not</label>
        <span class="field"><input id="key" class="mono" autocomplete="off" aria-invalid=${problem ? 'true' : 'false'} aria-describedby="problem" .value=${keyName ?? ''} /><button type="submit">Find</button></span>
        <p class="small error" id="problem" data-testid="key-problem" ?hidden=${!problem}>${problem}</p>
      </form>
      ${
        this.keys.length > 0
          ? html`<div>
              <p class="small soft" id="stored">Stored in this tab</p>
              <ul class="keys" aria-labelledby="stored">${this.keys.map(
                (key) =>
                  html`<li><button class="compact mono" aria-pressed=${key === keyName ? 'true' : 'false'} @click=${() => this.#choose(key)}>${key}</button></li>`,
              )}</ul>
            </div>`
          : nothing
      }
      ${this.placement && keyName ? this.#walk(this.placement, keyName, session) : nothing}
    </div>`;
  }

  #walk(placement: Placement, key: string, session: OpenSession) {
    const shown = this.whole ? placement.walk : placement.walk.slice(0, shortWalk);
    const more = placement.walk.length - shown.length;
    const primaries = placement.walk.filter(({ role }) => role === 'primary').map(({ node }) => node);
    return html`<div class="scroll">
      <table data-testid="walk">
        <caption>
          <span class="mono">${key}</span> is at <span class="mono">${placement.position.slice(0, 8)}…</span>, in partition ${placement.partition} of ${session.view.ring.partitions}. Clockwise from there:
        </caption>
        <thead><tr><th scope="col"><span class="hidden-text">Stop</span></th><th scope="col">Node</th><th scope="col">Role</th><th scope="col">Holds</th></tr></thead>
        <tbody>
          ${shown.map(({ node, role, reason }) => {
            const number = role === 'primary' ? String(primaries.indexOf(node) + 1) : '–';
            return html`<tr>
              <td><span class="stop ${role === 'primary' ? '' : 'none'}">${number}</span></td>
              <th scope="row">${role === 'skipped' ? html`<s>${nodeLabel(session.names(node))}</s>` : nodeLabel(session.names(node))}</th>
              <td>${role}${reason ? html` <span class="reason soft small">${reason}</span>` : nothing}</td>
              <td>${role === 'skipped' ? '' : holding(this.replicas?.find((replica) => replica.node === node))}</td>
            </tr>`;
          })}
        </tbody>
      </table>
      ${more > 0 ? html`<button class="plain compact" @click=${() => (this.whole = true)}>Show the other ${more}</button>` : nothing}
    </div>`;
  }
}

function holding(replica: ReplicaState | undefined): string {
  if (!replica) return '–';
  if (!replica.reachable) return '? no answer';
  const { versions, role } = replica;
  if (versions.length === 0) return 'nothing';
  if (versions.every(({ deleted }) => deleted)) return 'a deletion';
  return `${count(versions.length, 'version')}${role === 'fallback' ? ', as a hint' : ''}`;
}

customElements.define('tb-key', KeyPanel);
