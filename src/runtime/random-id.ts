/** A random name of 12 characters `a-z2-7`, 60 bits: for nodes, stores and zones. No two are ever the same. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => alphabet.charAt(byte & 31)).join('');
}
