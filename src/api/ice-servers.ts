/** What browsers take as ICE servers. They would refuse the rest only when they make the first link, and then for each. */

export const iceServersRule =
  'a list of { urls } with stun: or turn: addresses, those of turn: with username and credential';

export function isIceServers(given: unknown): given is RTCIceServer[] {
  return Array.isArray(given) && given.every(isIceServer);
}

/** Whether there is a relay among them. */
export const hasRelay = (servers: readonly RTCIceServer[]): boolean =>
  servers.some(({ urls }) => [urls].flat().some((url) => url.startsWith('turn')));

function isIceServer(server: unknown): boolean {
  if (typeof server !== 'object' || server === null) return false;
  const { urls, username, credential }: { urls?: unknown; username?: unknown; credential?: unknown } = server;
  const all: unknown[] = Array.isArray(urls) ? urls : [urls];
  const needsName = all.some((url) => typeof url === 'string' && url.startsWith('turn'));
  return all.length > 0 && all.every(isUrl) && (!needsName || (isName(username) && isName(credential)));
}

const isUrl = (url: unknown): boolean => typeof url === 'string' && /^(stun|turn)s?:./.test(url);

const isName = (text: unknown): boolean => typeof text === 'string';
