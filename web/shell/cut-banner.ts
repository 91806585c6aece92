/** Says on every page that this tab is cut off, from whom, for how long, and offers Heal. */
import { html, nothing, type TemplateResult } from 'lit';
import type { OpenSession } from '../state/store-controller.ts';
import { icon } from '../theme/icons.ts';
import { listed } from '../words.ts';

export function cutBanner({ cuts, names, partition }: OpenSession): TemplateResult | typeof nothing {
  const named = (nodes: ReadonlySet<string>) => listed([...nodes].map((node) => names(node).name));
  const heal = html`<button class="compact" @click=${() => partition.heal()}>Heal</button>`;
  if (cuts.splitting) {
    return html`<div class="notice warn" data-testid="cut-banner"><span>${icon('cut')} <strong>The room splits in two halves…</strong></span>${heal}</div>`;
  }
  if (cuts.cut.size > 0) {
    const left =
      cuts.endsAt === undefined ? undefined : Math.max(0, Math.ceil((cuts.endsAt - performance.now()) / 1000));
    return html`<div class="notice warn" data-testid="cut-banner">
      <span>${icon('cut')} <strong>This tab is cut off from ${named(cuts.cut)}</strong>${
        left === undefined ? ', until you heal it.' : `. It heals itself in ${left} s.`
      }</span>${heal}
    </div>`;
  }
  if (cuts.awaiting.size > 0) {
    return html`<div class="notice" data-testid="cut-banner"><span>Healed here. No answer yet from ${named(cuts.awaiting)}: press Heal there, too, if that side is still cut.</span></div>`;
  }
  return nothing;
}
