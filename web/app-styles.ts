/** The shell's own styles. */
import { css } from 'lit';

export const appStyles = css`
  :host { display: flex; flex-direction: column; min-block-size: 100vh; max-inline-size: 1240px; margin-inline: auto; padding-inline: 24px; }
  header { display: flex; align-items: center; gap: 12px 28px; flex-wrap: wrap; padding-block: 20px 12px; }
  .brand { display: flex; align-items: center; gap: 10px; min-inline-size: 0; }
  .brand svg { inline-size: 28px; block-size: 28px; }
  .arc-a { stroke: var(--accent); }
  .arc-b { stroke: light-dark(#cf5500, #e67339); }
  .arc-c { stroke: light-dark(#0067c8, #3280dd); }
  .wordmark { font-size: 1.25rem; font-weight: 700; letter-spacing: -0.02em; }
  .room { padding: 2px 10px; border-radius: 999px; background: var(--sunken); color: var(--ink-soft); font-size: 0.8125rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  nav { display: flex; gap: 4px; margin-inline-start: auto; }
  nav a { padding: 6px 14px; border-radius: 999px; color: var(--ink-soft); text-decoration: none; font-weight: 550; }
  nav a:hover { background: var(--sunken); }
  nav a[aria-current='page'] { background: var(--ink); color: var(--paper); }
  .theme { inline-size: 40px; padding: 0; color: var(--ink-soft); border-radius: 50%; }
  .status { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 24px; padding-block: 12px; border-block: 1px solid var(--line); }
  .who .node { font-weight: 600; margin-inline-start: 4px; }
  .health { display: inline-flex; align-items: baseline; gap: 8px; flex: 1 1 260px; }
  .dot { flex: none; inline-size: 10px; block-size: 10px; border-radius: 50%; background: var(--accent); }
  .health[data-level='degraded'] { color: var(--warn); }
  .health[data-level='degraded'] .dot { background: var(--warn); border-radius: 2px; rotate: 45deg; }
  .health[data-level='bad'] { color: var(--bad); }
  .health[data-level='bad'] .dot { background: var(--bad); border-radius: 0; }
  .banners { display: grid; gap: 8px; padding-block-start: 12px; }
  .banners:not(:has(*)) { display: none; }
  .banners svg { vertical-align: -0.2em; color: var(--warn); }
  .notice.bad svg { color: var(--bad); }
  .alarm { justify-content: start; align-items: start; flex-wrap: nowrap; }
  .alarm > svg { margin-block-start: 0.18em; }
  .alarm h2 { font-size: 1rem; line-height: 1.5; letter-spacing: 0; }
  .alarm .node { vertical-align: baseline; }
  .alarm a .node > span:last-child { text-decoration: underline; text-underline-offset: 0.2em; }
  main { flex: 1; padding-block: 28px 24px; }
  main:focus { outline: none; }
  footer { padding-block: 20px 32px; border-block-start: 1px solid var(--line); }
  footer p { max-inline-size: 68ch; }
  .skip { position: absolute; inset-inline-start: 16px; inset-block-start: -100px; padding: 10px 16px; background: var(--card); z-index: 2; }
  .skip:focus { inset-block-start: 8px; }
  .wait { display: grid; gap: 12px; justify-items: center; max-inline-size: 560px; margin: 8vh auto; padding: 48px 32px; text-align: center; }
  .pulse { inline-size: 56px; block-size: 56px; border-radius: 50%; border: 6px solid var(--sunken); border-block-start-color: var(--accent); animation: turn 1.6s linear infinite; }
  @keyframes turn { to { rotate: 1turn; } }
  @media (forced-colors: active) {
    nav a[aria-current='page'] { outline: 2px solid currentColor; }
    .dot { background: CanvasText !important; }
  }
  @media (max-width: 700px) {
    :host { padding-inline: 16px; }
    header { padding-block: 14px 10px; gap: 10px 12px; }
    .brand { flex: 1; }
    nav { order: 3; inline-size: 100%; margin: 0; }
    nav a { flex: 1; text-align: center; background: var(--sunken); }
    .health { flex-basis: 100%; order: 1; }
    tb-invite { order: 2; inline-size: 100%; }
    main { padding-block-start: 20px; }
  }
`;
