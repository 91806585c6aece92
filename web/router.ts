/**
 * The page's addresses. They live in the hash, so that static hosting works and the room's name never
 * reaches a server's log. Invariant: `parseRoute(formatRoute(route))` is `route`.
 */

export type Route =
  /** No room yet: the first visit, which makes one. */
  | { page: 'home' }
  | { page: 'cart'; room: string; cart: string }
  | { page: 'ring'; room: string; key?: string; node?: string }
  /** The offline gallery; without a fixture its list. */
  | { page: 'states'; fixture?: string };

const longestName = 128;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''), '?');
  const parts = path.split('/').map(decode);
  const [kind, name, page, rest] = parts;
  if (kind === 'states') {
    return name ? { page: 'states', fixture: name } : { page: 'states' };
  }
  if (kind !== 'r' || !name || name.length > longestName) {
    return { page: 'home' };
  }
  if (page === 'ring') {
    const asked = new URLSearchParams(query);
    const key = asked.get('key');
    const node = asked.get('node');
    return { page: 'ring', room: name, ...(key ? { key } : {}), ...(node ? { node } : {}) };
  }
  return { page: 'cart', room: name, cart: page === 'cart' && rest ? rest : 'main' };
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'home':
      return '#/';
    case 'states':
      return route.fixture ? `#/states/${encodeURIComponent(route.fixture)}` : '#/states';
    case 'cart':
      return `#/r/${encodeURIComponent(route.room)}/cart/${encodeURIComponent(route.cart)}`;
    case 'ring': {
      const asked = new URLSearchParams();
      if (route.key) asked.set('key', route.key);
      if (route.node) asked.set('node', route.node);
      const query = asked.size > 0 ? `?${asked}` : '';
      return `#/r/${encodeURIComponent(route.room)}/ring${query}`;
    }
    default:
      return route satisfies never;
  }
}

const adjectives = [
  'amber',
  'brisk',
  'calm',
  'early',
  'gentle',
  'green',
  'hazel',
  'kind',
  'late',
  'mild',
  'quiet',
  'warm',
];
const places = [
  'arbor',
  'bay',
  'cove',
  'dune',
  'fern',
  'glade',
  'harbor',
  'lane',
  'market',
  'meadow',
  'orchard',
  'quay',
];
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A room nobody else is in: two words to recognise it by, eight characters against guessing. */
export function newRoom(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const bytes = random(new Uint8Array(10));
  const pick = (from: readonly string[], at: number) => from[(bytes[at] ?? 0) % from.length] ?? '';
  const tail = Array.from(bytes.slice(2), (byte) => letters[byte % letters.length] ?? '').join('');
  return `${pick(adjectives, 0)}-${pick(places, 1)}-${tail}`;
}

function split(text: string, at: string): string[] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/** A hash is typed by people and cut by mail programs: a broken escape is taken as it stands. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
