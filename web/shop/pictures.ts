/**
 * The pictures of the products, drawn for this shop: 120 × 120, flat shapes in one palette, on a tile of
 * their own tint. They say nothing that the name beside them does not, and are hidden from screen readers.
 */
import { css, html, type SVGTemplateResult, svg } from 'lit';

const shadow = svg`<ellipse cx="60" cy="103" rx="36" ry="4.5" fill="#000" opacity=".12"/>`;

const pictures = new Map<string, SVGTemplateResult>([
  [
    'loaf',
    svg`${shadow}
    <path d="M18 74c0-24 18-40 42-40s42 16 42 40c0 15-9 27-24 27H42c-15 0-24-12-24-27z" fill="#c4813d"/>
    <path d="M24 70c1-19 16-31 36-31s35 12 36 31c-9-13-21-19-36-19s-27 6-36 19z" fill="#dda15e"/>
    <g fill="none" stroke="#fff3dc" stroke-width="5" stroke-linecap="round">
      <path d="M40 57c2 9 1 18-4 26"/><path d="M60 52c3 11 2 23-3 34"/><path d="M80 57c3 8 3 17-1 26"/>
    </g>
    <g fill="#fff3dc"><circle cx="30" cy="78" r="1.6"/><circle cx="50" cy="92" r="1.6"/><circle cx="70" cy="90" r="1.6"/><circle cx="91" cy="80" r="1.6"/></g>`,
  ],
  [
    'lemon',
    svg`${shadow}
    <path d="M16 66c4-5 5-8 8-13 7-13 20-18 32-14 15 4 21 17 18 31-2 5 0 8 1 12-5 0-8 2-13 5-13 6-28 3-35-9-3-5-7-8-11-12z" fill="#f2c230"/>
    <path d="M31 62c4-9 11-14 20-14" fill="none" stroke="#fbe58a" stroke-width="5" stroke-linecap="round"/>
    <circle cx="79" cy="76" r="25" fill="#f2c230"/><circle cx="79" cy="76" r="21" fill="#fff6cf"/>
    <g fill="#f7d65a">
      <path d="M79 73l-7-14a16 16 0 0 1 14 0z"/><path d="M82 75l10-12a16 16 0 0 1 4 13z"/><path d="M82 79l14 2a16 16 0 0 1-9 11z"/>
      <path d="M79 80l5 14a16 16 0 0 1-12-1z"/><path d="M76 79l-8 11a16 16 0 0 1-6-12z"/><path d="M76 75l-14-1a16 16 0 0 1 7-12z"/>
    </g>
    <path d="M53 38c2-10 10-15 20-15 0 9-7 16-18 17z" fill="#5f8f4e"/>`,
  ],
  [
    'honey',
    svg`${shadow}
    <path d="M32 48h56c6 6 8 14 8 22 0 13-4 24-11 32H35c-7-8-11-19-11-32 0-8 2-16 8-22z" fill="#e9a21f"/>
    <path d="M29 62c7 4 12-3 19 1s12 3 20-1 14 3 24-1c3 5 3 9 3 12-1 11-5 20-12 25H38c-8-6-12-15-12-25 0-4 1-7 3-11z" fill="#d18612"/>
    <rect x="29" y="36" width="62" height="14" rx="5" fill="#f4e6c8"/>
    <path d="M29 43h62v2c0 3-2 5-5 5H34c-3 0-5-2-5-5z" fill="#dfc99b"/>
    <path d="M60 66l14 8v14l-14 8-14-8V74z" fill="#fff3dc"/><path d="M60 72l9 5v9l-9 5-9-5v-9z" fill="#e9a21f"/>
    <path d="M82 16L66 34" stroke="#9a6a3c" stroke-width="5" stroke-linecap="round"/>
    <ellipse cx="87" cy="13" rx="9" ry="7" fill="#b98146" transform="rotate(-45 87 13)"/>`,
  ],
  [
    'cheese',
    svg`${shadow}
    <path d="M14 70L74 32c18 2 30 14 32 34z" fill="#f6cf6b"/>
    <path d="M14 70l92-4v30c0 3-2 5-5 5H19c-3 0-5-2-5-5z" fill="#eab944"/>
    <path d="M14 70L74 32c3 0 6 1 8 2L26 69z" fill="#c98f2b"/>
    <g fill="#cf9a2c"><ellipse cx="38" cy="85" rx="9" ry="7"/><circle cx="66" cy="80" r="5"/><ellipse cx="87" cy="89" rx="8" ry="6"/></g>
    <g fill="#e0ab37"><ellipse cx="70" cy="53" rx="8" ry="5"/><ellipse cx="88" cy="58" rx="4" ry="3"/></g>`,
  ],
  [
    'eggs',
    svg`${shadow}
    <path d="M35 73c-8 0-14-6-14-15 0-12 7-25 14-25s14 13 14 25c0 9-6 15-14 15z" fill="#f3dcc3"/>
    <path d="M60 73c-8 0-15-6-15-16 0-13 7-28 15-28s15 15 15 28c0 10-7 16-15 16z" fill="#e4b48c"/>
    <path d="M85 73c-8 0-14-6-14-15 0-12 7-25 14-25s14 13 14 25c0 9-6 15-14 15z" fill="#f8eadb"/>
    <path d="M54 41c1-3 2-5 4-6" stroke="#f4d3b5" stroke-width="4" stroke-linecap="round"/>
    <path d="M12 66c8-6 15-6 23 0 8-6 16-6 25 0 9-6 17-6 25 0 8-6 15-6 23 0l-7 30c-1 4-4 6-8 6H27c-4 0-7-2-8-6z" fill="#7c93a6"/>
    <path d="M16 82h88l-3 14c-1 4-4 6-8 6H27c-4 0-7-2-8-6z" fill="#667d90"/>
    <g fill="#93a8b9"><circle cx="35" cy="74" r="3"/><circle cx="60" cy="74" r="3"/><circle cx="85" cy="74" r="3"/></g>`,
  ],
  [
    'radish',
    svg`${shadow}
    <g fill="#5f8f4e"><path d="M57 52c-17-2-29-14-28-32 15 2 27 13 30 30z"/><path d="M60 50c-6-15-3-30 8-40 9 13 7 29-4 41z" fill="#78a862"/><path d="M63 52c4-15 15-25 31-27-1 17-12 28-28 30z"/></g>
    <path d="M44 56c11-3 19 4 19 15 0 13-11 22-16 34-8-9-21-15-22-28-1-11 8-19 19-21z" fill="#d8395c"/>
    <path d="M76 54c12 0 20 8 19 19-1 13-13 19-20 31-6-11-17-19-16-31 0-11 7-19 17-19z" fill="#e8567a"/>
    <path d="M33 90c6 6 11 8 14 15 2-5 6-10 9-15-7 4-15 4-23 0z" fill="#fbe6ea"/>
    <path d="M64 88c4 6 9 10 11 16 4-6 8-10 12-15-8 3-16 3-23-1z" fill="#fff2f5"/>
    <g fill="none" stroke="#f6a6b9" stroke-width="4" stroke-linecap="round"><path d="M34 70c1-4 4-7 8-8"/><path d="M68 68c1-4 3-6 7-7"/></g>`,
  ],
  [
    'coffee',
    svg`${shadow}
    <path d="M34 30h52l6 66c0 4-2 6-6 6H34c-4 0-6-2-6-6z" fill="#6b4a3a"/>
    <path d="M34 30h52l1 10H33z" fill="#553829"/><rect x="38" y="20" width="44" height="12" rx="3" fill="#7d5947"/>
    <rect x="38" y="52" width="44" height="36" rx="4" fill="#f4e6c8"/>
    <ellipse cx="60" cy="70" rx="10" ry="13" fill="#6b4a3a" transform="rotate(28 60 70)"/>
    <path d="M66 60c-8 4-2 12-11 20" fill="none" stroke="#f4e6c8" stroke-width="3" stroke-linecap="round"/>
    <path d="M84 34l5 60" stroke="#7d5947" stroke-width="3" stroke-linecap="round"/>`,
  ],
  [
    'oil',
    svg`${shadow}
    <path d="M52 30h16v14c0 6 14 10 14 24v30c0 3-2 5-5 5H43c-3 0-5-2-5-5V68c0-14 14-18 14-24z" fill="#7f9a3b"/>
    <path d="M42 70c0-7 5-11 9-15 3 3 6 4 9 4s6-1 9-4c4 4 9 8 9 15v27c0 2-1 3-3 3H45c-2 0-3-1-3-3z" fill="#a9bf4c"/>
    <rect x="50" y="14" width="20" height="12" rx="3" fill="#9a6a3c"/><rect x="51" y="25" width="18" height="7" fill="#5e7429"/>
    <rect x="42" y="70" width="36" height="22" fill="#fff3dc"/>
    <path d="M50 86c7-1 13-5 18-12" fill="none" stroke="#5f8f4e" stroke-width="2.5" stroke-linecap="round"/>
    <ellipse cx="58" cy="77" rx="3.6" ry="5" fill="#5e7429" transform="rotate(24 58 77)"/><ellipse cx="67" cy="83" rx="3.6" ry="5" fill="#5e7429" transform="rotate(70 67 83)"/>
    <path d="M47 64c1-3 3-4 5-6" stroke="#d5e28c" stroke-width="4" stroke-linecap="round"/>`,
  ],
  [
    'basil',
    svg`${shadow}
    <path d="M60 70V34" stroke="#4a7a3f" stroke-width="4"/>
    <path d="M60 40c-4-14 2-24 0-30 11 6 14 20 0 30z" fill="#78a862"/>
    <path d="M59 52C44 54 32 46 29 32c15-3 27 5 30 20z" fill="#5f8f4e"/><path d="M61 52c15 2 27-6 30-20-15-3-27 5-30 20z" fill="#6a9c57"/>
    <path d="M59 68c-13 5-27 0-34-11 12-8 27-4 34 11z" fill="#78a862"/><path d="M61 68c13 5 27 0 34-11-12-8-27-4-34 11z" fill="#5f8f4e"/>
    <g fill="none" stroke="#a8cf94" stroke-width="2" stroke-linecap="round"><path d="M38 40c6 2 11 5 15 9"/><path d="M82 40c-6 2-11 5-15 9"/><path d="M34 59c7 0 13 2 18 6"/><path d="M86 59c-7 0-13 2-18 6"/></g>
    <path d="M34 70h52l-6 28c-1 3-3 5-6 5H46c-3 0-5-2-6-5z" fill="#c7663f"/><rect x="30" y="66" width="60" height="11" rx="3" fill="#db7d55"/>`,
  ],
  [
    'milk',
    svg`${shadow}
    <path d="M38 42l10-18h24l10 18v56c0 3-2 5-5 5H43c-3 0-5-2-5-5z" fill="#f4f7fa"/>
    <path d="M66 42l6-18 10 18v56c0 3-2 5-5 5H66z" fill="#d7e1ea"/>
    <path d="M38 42l10-18h24l-6 18z" fill="#e6edf3"/><rect x="46" y="15" width="28" height="10" rx="2" fill="#4d86b8"/>
    <path d="M38 58c5-5 9 5 14 0s9 5 14 0v30H38z" fill="#4d86b8"/><path d="M66 58c5-4 10 4 16 0v30H66z" fill="#3f739f"/>
    <path d="M52 66c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z" fill="#fff"/>`,
  ],
  [
    'pear',
    svg`${shadow}
    <path d="M76 48c6 0 8 6 10 14 3 8 12 12 12 24 0 11-9 17-21 17s-20-6-20-17c0-12 8-16 10-24 2-9 4-14 9-14z" fill="#b9c24a"/>
    <path d="M46 34c8 0 10 8 12 18 2 9 14 14 14 29 0 14-11 22-26 22s-26-8-26-22c0-15 11-20 14-29 2-11 4-18 12-18z" fill="#d3d65c"/>
    <path d="M30 80c1-8 6-11 8-17" fill="none" stroke="#eef0a0" stroke-width="5" stroke-linecap="round"/>
    <path d="M46 36c-1-7 1-13 5-18" fill="none" stroke="#7a5433" stroke-width="4" stroke-linecap="round"/>
    <path d="M77 49c0-5 1-9 4-12" fill="none" stroke="#7a5433" stroke-width="3.5" stroke-linecap="round"/>
    <path d="M51 26c4-9 13-13 22-10-2 9-11 15-21 12z" fill="#5f8f4e"/>
    <g fill="#a6a93a"><circle cx="54" cy="84" r="1.5"/><circle cx="46" cy="92" r="1.5"/><circle cx="60" cy="76" r="1.5"/><circle cx="84" cy="86" r="1.5"/><circle cx="78" cy="94" r="1.5"/></g>`,
  ],
  [
    'fish',
    svg`${shadow}
    <rect x="14" y="44" width="92" height="56" rx="18" fill="#b9483c"/><rect x="14" y="38" width="92" height="54" rx="18" fill="#d65f4e"/>
    <rect x="21" y="45" width="78" height="40" rx="13" fill="#f4e6c8"/>
    <path d="M30 65c8-12 26-14 40-3l13-8c-2 7-2 15 0 22l-13-8c-14 11-32 9-40-3z" fill="#4d86b8"/>
    <path d="M34 66c8 8 22 9 33 1-10 2-22 2-33-1z" fill="#9cc3e0"/>
    <circle cx="41" cy="61" r="2.6" fill="#fff"/><path d="M51 57c3 5 3 11 0 16" fill="none" stroke="#2f5f8a" stroke-width="2" stroke-linecap="round"/>
    <circle cx="84" cy="34" r="8" fill="none" stroke="#8f9aa3" stroke-width="4"/>`,
  ],
]);

const parcel = svg`${shadow}
  <path d="M22 48l38-14 38 14v44l-38 12-38-12z" fill="#c9a67a"/><path d="M22 48l38 13v43L22 92z" fill="#b08c60"/><path d="M22 48l38-14 38 14-38 13z" fill="#dcbf97"/>`;

/** A product's picture on its tile; a parcel for what is not sold here. */
export const picture = (id: string) =>
  html`<svg class="picture" data-tint=${pictures.has(id) ? id : 'none'} viewBox="0 0 120 120" aria-hidden="true" focusable="false">
    ${pictures.get(id) ?? parcel}
  </svg>`;

export const pictureStyles = css`
  .picture {
    display: block;
    inline-size: 100%;
    border-radius: var(--radius);
    background: light-dark(#ece8df, #2b2c29);
  }
  [data-tint='loaf'], [data-tint='fish'] { background: light-dark(#f8e9d6, #3a3025); }
  [data-tint='lemon'], [data-tint='pear'] { background: light-dark(#eef2d3, #2f3420); }
  [data-tint='honey'], [data-tint='cheese'] { background: light-dark(#fdf0cf, #3a321d); }
  [data-tint='eggs'], [data-tint='milk'] { background: light-dark(#dfebf3, #243039); }
  [data-tint='radish'] { background: light-dark(#fbe3e6, #3a272b); }
  [data-tint='coffee'] { background: light-dark(#f0e4db, #362c27); }
  [data-tint='oil'], [data-tint='basil'] { background: light-dark(#e3efdc, #25332a); }
`;
