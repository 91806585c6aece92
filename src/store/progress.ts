/**
 * Lets through only what is news: an outcome that has seen all that the one before had seen, and holds
 * other versions ([GET-4], [WATCH-1]). What is held back is part of one that was, or will be, let through.
 */
import { dotName } from '../core/ids.ts';
import type { GetOutcome } from '../core/requests.ts';
import { nothingSeen, type Seen, sees } from '../core/version/seen.ts';

export function progress(tell: (outcome: GetOutcome) => void): (outcome: GetOutcome) => void {
  let last: Seen = nothingSeen;
  let dots: string | undefined;
  return (outcome) => {
    const all = outcome.versions.map(({ dot }) => dotName(dot)).join(' ');
    const behind = [...last.context, ...last.beyond].some((dot) => !sees(outcome, dot));
    if (behind || all === dots) return;
    last = outcome;
    dots = all;
    tell(outcome);
  };
}
