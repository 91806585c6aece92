/** A ClockPort over the platform's own timers: for hosts whose timers are not throttled. */
import type { ClockPort } from '../api/ports.ts';

/** The longest delay that timers take, in ms; waking early does no harm. */
const longest = 2_147_483_647;

export function timerClock(): ClockPort {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    now: () => performance.now(),
    wakeAt(time, call) {
      clearTimeout(timer);
      const delay = Math.ceil(Math.max(0, time - performance.now()));
      timer = setTimeout(call, Math.min(delay, longest));
    },
    stop: () => clearTimeout(timer),
  };
}
