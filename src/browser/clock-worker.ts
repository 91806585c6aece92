/**
 * The worker that wakes a page up: answers `[alarm, delay in ms]` with `alarm` after that delay, unless another
 * alarm came first. A hidden page's own timers run at 1 Hz, a worker's are not slowed ([MEM-4]).
 */
let timer: ReturnType<typeof setTimeout> | undefined;

addEventListener('message', ({ data: [alarm, delayMs] }: MessageEvent<[alarm: number, delayMs: number]>) => {
  clearTimeout(timer);
  timer = setTimeout(() => postMessage(alarm), delayMs);
});

export {};
