/** Faults of the introducer ([SIG-1]): all but first contact goes on without it. */
import type { IntroducerMood } from '../world/introducer.ts';
import type { Fault, Kind } from './kind.ts';

const signaling =
  (mood: IntroducerMood): Fault =>
  (world) => {
    world.introducer.mood = mood;
    return () => {
      world.introducer.mood = 'honest';
    };
  };

export const introductions = {
  'signaling-gone': { begin: signaling('gone'), lasts: 15_000 },
  'signaling-grey': { begin: signaling('grey'), lasts: 15_000 },
  'signaling-lying': { begin: signaling('lying'), lasts: 15_000 },
} as const satisfies Readonly<Record<string, Kind>>;
