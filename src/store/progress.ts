/**
 * Lets through only what is news: an outcome that has seen all that the one before had seen, and holds
 * other versions ([GET-4], [WATCH-1]). What is held back is part of one that was, or will be, let through.
 */
import { dotName } from '../core/ids.ts';
import type { GetOutcome } from '../core/requests.ts';
import { type CausalContext, covers, emptyContext } from '../core/version/context.ts';

export function progress(tell: (outcome: GetOutcome) => void): (outcome: GetOutcome) => void {
  let last: CausalContext = emptyContext;
  let dots: string | undefined;
  return (outcome) => {
    const all = outcome.siblings.map(({ dot }) => dotName(dot)).join(' ');
    const behind = [...last.vector, ...last.dots].some((dot) => !covers(outcome.context, dot));
    if (behind || all === dots) return;
    last = outcome.context;
    dots = all;
    tell(outcome);
  };
}
