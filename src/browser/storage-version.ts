/**
 * The number of the database: of what a node keeps on disk ([STO-4]). How to raise it is in
 * docs/decisions/versions-of-formats.md. Invariant: databases with the same number hold the same shapes.
 */

export const databaseVersion = 2;

/** By version, a hash of all that is stored; `scripts/formats.test.ts` holds the last against the code. */
export const databaseHashes: Readonly<Record<number, string>> = {
  2: '05565fdfd5145603',
};
