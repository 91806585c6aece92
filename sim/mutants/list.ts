/** All planted bugs. */
import { absent } from './absences.ts';
import { membership } from './membership.ts';
import type { Mutant } from './mutant.ts';
import { pieces } from './pieces.ts';
import { reaping } from './reaping.ts';
import { repair } from './repair.ts';
import { requests } from './requests.ts';
import { retries } from './retries.ts';
import { storage } from './storage.ts';
import { versions } from './versions.ts';

export const mutants: readonly Mutant[] = [
  ...versions,
  ...pieces,
  ...storage,
  ...requests,
  ...retries,
  ...repair,
  ...reaping,
  ...membership,
  ...absent,
];
