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
  | { page: 'states'; fixture?: string }
  /** An address of nothing, and why. */
  | { page: 'wrong'; hash: string; why: string };

const longestRoom = 128;
/** What a store takes as a key ([KEY-1]). */
const longestKeyBytes = 1024;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''), '?');
  const [kind = '', name = '', page, rest, ...more] = path.split('/').map(decode);
  const wrong = (why: string): Route => ({ page: 'wrong', hash, why });
  if (path === '') return { page: 'home' };
  if (kind === 'states') return name ? { page: 'states', fixture: name } : { page: 'states' };
  if (kind !== 'r') return wrong('It names no page.');
  if (!name) return wrong('It names no room.');
  if (name.length > longestRoom) {
    return wrong(`The room’s name has ${name.length} characters; at most ${longestRoom} are possible.`);
  }
  if (more.length > 0) return wrong('It goes on where an address ends.');
  if (page === 'ring') return rest === undefined ? ringRoute(name, query) : wrong('The ring has no pages below it.');
  if (page !== undefined && page !== '' && page !== 'cart') return wrong(`A room has no page “${page.slice(0, 40)}”.`);
  const cart = rest || 'main';
  const tooLong = keyProblem(`cart/${cart}`);
  return tooLong ? wrong(`The cart’s name is too long. ${tooLong}`) : { page: 'cart', room: name, cart };
}

function ringRoute(room: string, query: string): Route {
  const asked = new URLSearchParams(query);
  const key = asked.get('key');
  const node = asked.get('node');
  return { page: 'ring', room, ...(key ? { key } : {}), ...(node ? { node } : {}) };
}

/** Why the store would not take it, and what to do; undefined of a key that it takes. */
export function keyProblem(key: string): string | undefined {
  if (key === '') return 'A key has at least one character: type one.';
  const bytes = new TextEncoder().encode(key).length;
  if (bytes <= longestKeyBytes) return undefined;
  return `A key has at most ${longestKeyBytes} bytes, and this one has ${bytes}: shorten it.`;
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'home':
      return '#/';
    case 'wrong':
      return route.hash;
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
