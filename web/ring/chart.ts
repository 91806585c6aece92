/**
 * The ring as a drawing: partitions coloured by owner around the nodes and this tab's links, key ticks
 * outside, and the preference list of the selected key. Everything in it is also in the tables beside it.
 */
import { css, html, LitElement, nothing, svg } from 'lit';
import type { NodeId, NodeView, Placement } from '../../src/index.ts';
import type { Names } from '../animals.ts';
import type { CutState } from '../state/cut-control.ts';
import { isPresent } from '../state/reach.ts';
import { base, colorCount, nodes } from '../theme/shared.ts';
import { count, listed } from '../words.ts';
import { bandPath, nodePlaces, ownerPaths, type Point, pointAt, positionAngle, rings } from './geometry.ts';
import { statusOf } from './status.ts';

export interface KeyTick {
  readonly key: string;
  readonly position: string;
}

export class RingChart extends LitElement {
  static override properties = {
    view: { attribute: false },
    names: { attribute: false },
    cuts: { attribute: false },
    keys: { attribute: false },
    placement: { attribute: false },
    node: {},
  };
  declare view: NodeView | undefined;
  declare names: Names | undefined;
  declare cuts: CutState | undefined;
  declare keys: readonly KeyTick[];
  declare placement: Placement | undefined;
  /** The selected node. */
  declare node: NodeId | undefined;

  static override styles = [
    base,
    nodes,
    css`
      svg { display: block; inline-size: 100%; max-inline-size: 620px; margin-inline: auto; overflow: visible; }
      .band { fill: var(--node); transition: opacity 200ms; }
      .band.dim { opacity: 0.18; }
      .hatch { pointer-events: none; }
      .hatch-line { stroke: var(--card); stroke-width: 2; }
      .link { stroke: var(--line-strong); stroke-width: 1.5; fill: none; }
      .link[data-state='connecting'] { stroke-dasharray: 2 5; }
      .link[data-state='closed'] { stroke-dasharray: 1 7; opacity: 0.6; }
      .link[data-state='cut'] { stroke: var(--warn); stroke-dasharray: 6 5; }
      .tick { stroke: var(--ink-soft); stroke-width: 2; stroke-linecap: round; }
      .tick.chosen { stroke: var(--ink); stroke-width: 4; }
      .partition { fill: none; stroke: var(--ink); stroke-width: 2; }
      .walk { fill: none; stroke: var(--ink); stroke-width: 2; opacity: 0.85; }
      .walk.fallback { stroke-dasharray: 2 5; }
      .place { cursor: pointer; }
      .disc { fill: var(--card); stroke: var(--node); stroke-width: 5; transition: opacity 200ms; }
      .place.away .disc { stroke-dasharray: 4 4; }
      .place.away text { fill: var(--ink-soft); }
      .place.chosen .disc { fill: var(--accent-soft); }
      .place.self .halo { fill: none; stroke: var(--ink); stroke-width: 1.5; }
      text { fill: var(--ink); font-weight: 650; text-anchor: middle; dominant-baseline: central; pointer-events: none; }
      .stop circle { fill: var(--ink); }
      .stop text { fill: var(--card); font-size: 11px; }
      .badge { fill: var(--card); stroke: var(--warn); stroke-width: 2; }
      .badge-sign { stroke: var(--warn); stroke-width: 2; stroke-linecap: round; }
      .under { font-size: 11px; font-weight: 500; fill: var(--ink-soft); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
      @media (forced-colors: active) { .band, .disc { forced-color-adjust: none; } }
    `,
  ];

  constructor() {
    super();
    this.keys = [];
  }

  #choose(node: NodeId): void {
    this.dispatchEvent(new CustomEvent('choose-node', { detail: node }));
  }

  protected override render() {
    const { view, names, cuts } = this;
    if (!view || !names || !cuts) return nothing;
    const members = view.members.filter(isPresent);
    const { places, radius } = nodePlaces(members.map(({ id }) => id));
    const title = this.#title(view, names);
    return html`<svg role="img" viewBox="-222 -222 444 444" aria-label=${title}>
      <title>${title}</title>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path class="hatch-line" d="M0 0v6" />
        </pattern>
      </defs>
      ${this.#bands(view, names)}
      ${this.keys.map(({ key, position }) => this.#tick(positionAngle(position), `key ${key}`))}
      ${this.#links(view, places)}
      ${this.#walk(view, places, radius)}
      ${members.map((member) => this.#place(member, names, cuts, places.get(member.id), radius))}
      ${this.#stops(places, radius)}
    </svg>`;
  }

  #title(view: NodeView, names: Names): string {
    const owners = view.members.filter(isPresent).map(({ id }) => names(id).name);
    const primaries = this.placement?.walk.filter(({ role }) => role === 'primary').map(({ node }) => names(node).name);
    const chosen = primaries ? ` The selected key is on ${listed(primaries, 6)}.` : '';
    return `The ring as this tab sees it: ${count(view.ring.partitions, 'partition')} owned by ${listed(owners, 8)}.${chosen}`;
  }

  #bands(view: NodeView, names: Names) {
    return [...ownerPaths(view.ring.owners)].map(([owner, path]) => {
      const { slot } = names(owner);
      const dim = this.node !== undefined && this.node !== owner ? 'dim' : '';
      return svg`<path class="band ${dim}" data-slot=${slot} d=${path}/>${
        slot >= colorCount ? svg`<path class="hatch" fill="url(#hatch)" d=${path}/>` : nothing
      }`;
    });
  }

  #tick(angle: number, title: string, chosen = false) {
    const [a, b] = [pointAt(angle, rings.outer + 3), pointAt(angle, chosen ? rings.tick + 4 : rings.tick - 4)];
    return svg`<line class="tick ${chosen ? 'chosen' : ''}" x1=${a.x} y1=${a.y} x2=${b.x} y2=${b.y}><title>${title}</title></line>`;
  }

  #links(view: NodeView, places: Map<NodeId, Point>) {
    const from = places.get(view.self.id);
    if (!from) return nothing;
    return view.links.map(({ peer, state }) => {
      const to = places.get(peer);
      if (!to) return nothing;
      const shown = this.cuts?.cut.has(peer) ? 'cut' : state;
      return svg`<line class="link" data-state=${shown} x1=${from.x} y1=${from.y} x2=${to.x} y2=${to.y}/>`;
    });
  }

  /** From the key's partition to its replicas. */
  #walk(view: NodeView, places: Map<NodeId, Point>, radius: number) {
    const { placement } = this;
    if (!placement) return nothing;
    const { partition, position } = placement;
    const angle = positionAngle(position);
    const start = pointAt(angle, rings.inner);
    return svg`
      <path class="partition" d=${bandPath(partition, partition + 1, view.ring.partitions)}/>
      ${this.#tick(angle, 'the selected key', true)}
      ${this.#stopsOf().map(({ node, role }) => {
        const to = places.get(node);
        if (!to) return nothing;
        const bend = pointAt(angle, rings.inner - 34);
        const length = Math.hypot(to.x - bend.x, to.y - bend.y) || 1;
        const end = {
          x: to.x - ((to.x - bend.x) / length) * (radius + 3),
          y: to.y - ((to.y - bend.y) / length) * (radius + 3),
        };
        return svg`<path class="walk ${role}" d="M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}"/>`;
      })}`;
  }

  #stopsOf() {
    return (this.placement?.walk ?? []).filter(({ role }) => role === 'primary');
  }

  #stops(places: Map<NodeId, Point>, radius: number) {
    return this.#stopsOf().map(({ node }, index) => {
      const at = places.get(node);
      if (!at) return nothing;
      const [x, y] = [at.x + radius * 0.75, at.y - radius * 0.75];
      return svg`<g class="stop"><circle cx=${x} cy=${y} r="9"/><text x=${x} y=${y + 0.5}>${index + 1}</text></g>`;
    });
  }

  #place(member: NodeView['members'][number], names: Names, cuts: CutState, at: Point | undefined, radius: number) {
    const { view } = this;
    if (!at || !view) return nothing;
    const { code, name, slot } = names(member.id);
    const status = statusOf(member, view, cuts);
    const away = status.tone === 'bad' || status.tone === 'warn';
    const self = member.id === view.self.id;
    const classes = `place ${away ? 'away' : ''} ${self ? 'self' : ''} ${this.node === member.id ? 'chosen' : ''}`;
    const [x, y] = [at.x - radius * 0.75, at.y + radius * 0.75];
    return svg`<g class=${classes} data-slot=${slot} @click=${() => this.#choose(member.id)}>
      <title>${name}: ${status.word}</title>
      ${self ? svg`<circle class="halo" cx=${at.x} cy=${at.y} r=${radius + 5}/>` : nothing}
      <circle class="disc" cx=${at.x} cy=${at.y} r=${radius - 2.5}/>
      <text x=${at.x} y=${at.y} font-size=${radius * 0.46}>${code}</text>
      ${radius > 20 ? svg`<text class="under" x=${at.x} y=${at.y + radius + 13}>${self ? 'you' : name}</text>` : nothing}
      ${away ? svg`<circle class="badge" cx=${x} cy=${y} r="7"/><path class="badge-sign" d="M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5"/>` : nothing}
    </g>`;
  }
}

customElements.define('tb-ring-chart', RingChart);
