import { describe, expect, it } from 'vitest';
import { limitsFromEnvironment, limitsWith } from './limits.ts';
import { originsFromEnvironment } from './origins.ts';

describe('[SIG-2] limits and origins from the environment', () => {
  it('has a standard for each', () => {
    expect(limitsFromEnvironment({})).toEqual(limitsWith({}));
    expect(limitsWith({})).toMatchObject({ frameBytes: 65_536, messagesPerSecond: 20, messageBurst: 60 });
  });

  it('takes each from a variable of its name', () => {
    expect(limitsFromEnvironment({ TABRING_PEERS_PER_ROOM: '7' }).peersPerRoom).toBe(7);
    for (const [name, value] of Object.entries(limitsWith({}))) {
      const variable = `TABRING_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
      expect(limitsFromEnvironment({ [variable]: String(value + 1) })).toMatchObject({ [name]: value + 1 });
    }
  });

  it.each(['0', '-1', '1.5', '1e3', 'many', '99999999'])('refuses %s peers by name', (text) => {
    expect(() => limitsFromEnvironment({ TABRING_PEERS_PER_ROOM: text })).toThrow('TABRING_PEERS_PER_ROOM');
  });

  it('reads a list of origins, and refuses what is none', () => {
    const rule = originsFromEnvironment({ TABRING_ORIGINS: 'https://a.example, http://b.example:8080' });
    expect(rule).toEqual({ origins: ['https://a.example', 'http://b.example:8080'], allowNoOrigin: false });
    expect(originsFromEnvironment({ TABRING_ALLOW_NO_ORIGIN: '1' })).toEqual({ origins: [], allowNoOrigin: true });
    expect(() => originsFromEnvironment({ TABRING_ORIGINS: 'https://a.example/path' })).toThrow('not an origin');
  });
});
