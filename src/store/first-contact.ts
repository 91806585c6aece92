/**
 * How a node that has no history meets others ([ID-1]): through the introducer; or another node of this profile turns out
 * to have a history, which needs nobody to open, and is opened in place of this one.
 */
import type { Driver } from '../runtime/driver.ts';
import type { Histories } from '../runtime/host.ts';

/** False if there is such a node. Who would be alone in the room looks once more before it founds a ring. */
export async function firstContact(driver: Driver, histories: Histories | undefined): Promise<boolean> {
  if (histories === undefined) return (await driver.introduced()) !== undefined;
  const stop = new AbortController();
  try {
    const present = await Promise.race([driver.introduced(), histories.freed(stop.signal)]);
    return present !== undefined && (present.length > 0 || !(await histories.isFree()));
  } finally {
    stop.abort();
  }
}
