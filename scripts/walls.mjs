/**
 * The walls: for each folder what it is, and what it may import. `npm run format` makes the linter's rules
 * (walls.jsonc) and the table in docs/ARCHITECTURE.md from this; a test says when they are stale.
 *
 * - A row is about a folder's own files, not about folders inside. `folder/**` is a whole tree.
 * - A row with a pattern of files takes these out of their folder's row.
 * - `imports`: rows, single files, `folder/**` for all inside, and packages. Files of the row itself may always be.
 * - `tests`: what its tests may import on top of that; vitest and fast-check always.
 */

/** @typedef {{ is: string, imports: readonly string[] | 'anything', tests?: readonly string[] }} Wall */

const core = 'src/core/**';
const ofTheCore = ['src/core', 'src/core/ring', 'src/core/version', 'src/core/replica'];
const hashes = '@noble/hashes';
const cluster = 'sim/scenarios/cluster.ts';

/** @type {Readonly<Record<string, Wall>>} */
export const walls = {
  src: {
    is: 'the public entry of the package',
    imports: ['src/api', 'src/store', 'src/runtime', 'src/reconcile'],
    tests: ['src/testing', 'node:fs'],
  },
  'src/api': {
    is: 'what a user sees: types, errors, codec, and the ports of a host',
    imports: ['src/core', 'src/wire/lanes.ts'],
  },
  'src/store': {
    is: 'the public API: promises and sessions around a node',
    imports: ['src/api', core, 'src/wire/token.ts', 'src/runtime', 'src/browser/ports.ts'],
    tests: ['src/testing', 'src/wire', 'src/signaling', '@msgpack/msgpack'],
  },
  'src/runtime': {
    is: 'the driver, and what a store needs in any host',
    imports: ['src/api', core, 'src/wire'],
    tests: ['src/testing', '@msgpack/msgpack'],
  },
  'src/core': {
    is: "names, configuration and messages of the core, and what a node's parts share",
    imports: ['src/core/ring', 'src/core/version', 'pure-rand'],
    tests: [core],
  },
  'src/core/{node,compose,reactions,view}.ts': { is: '`step`, and the parts wired together', imports: [core] },
  'src/core/ring': {
    is: 'membership as events, and the table: plain functions and data',
    imports: ['src/core', hashes],
    tests: [core],
  },
  'src/core/version': {
    is: 'versions and what replaces what: plain functions and data',
    imports: ['src/core'],
    tests: [core],
  },
  'src/core/replica': {
    is: 'what this node holds',
    imports: ['src/core', 'src/core/ring', 'src/core/version', hashes],
    tests: [core],
  },
  'src/core/membership': { is: 'who is in the ring, and who answers', imports: ofTheCore, tests: [core] },
  'src/core/coordinator': { is: 'requests, and whom they ask', imports: ofTheCore, tests: [core] },
  'src/core/repair': { is: 'hints, comparing, handing over, reaping', imports: ofTheCore, tests: [core] },
  'src/wire': {
    is: 'bytes ↔ messages, greetings, frames, context tokens; what is stored, as schemas',
    imports: ['src/core', 'src/core/ring', 'src/core/version', '@msgpack/msgpack', 'valibot'],
  },
  'src/reconcile': { is: 'union, add-wins map, last write wins', imports: [] },
  'src/signaling': { is: 'the protocol between tabs and signaling server', imports: ['valibot'] },
  'src/browser': {
    is: 'the ports in a browser: WebRTC, IndexedDB, Web Locks, the signaling client',
    imports: [
      ...['src/browser/webrtc*.ts', 'src/browser/storage*.ts'],
      ...['src/api', 'src/core', 'src/runtime', 'src/signaling', 'valibot'],
    ],
    tests: [
      ...['src/testing', 'src/store', 'src/wire', core, 'idb', 'fake-indexeddb', '@noble/hashes', 'node:fs'],
      ...['e2e/builds/databases.ts', 'e2e/builds/recording.ts'],
    ],
  },
  'src/browser/webrtc*.ts': {
    is: 'links by WebRTC',
    imports: [
      ...['src/browser', 'src/api', 'src/core', 'src/wire/frames.ts', 'src/signaling'],
      'simple-peer/simplepeer.min.js',
    ],
  },
  'src/browser/storage*.ts': {
    is: 'the disk, by IndexedDB',
    imports: ['src/api', 'src/core', 'src/core/ring', 'src/runtime', 'idb'],
  },
  'src/testing': {
    is: 'ports in memory, and the contracts that every port must keep',
    imports: ['src/api', 'src/core', 'src/core/ring', 'src/runtime'],
  },
  'src/testing/playwright.ts': {
    is: "rings of real tabs, for Playwright's tests",
    imports: ['src/api', '@playwright/test'],
  },
  sim: { is: 'the entry of the package for the simulator', imports: [core, 'sim/world', 'sim/run'] },
  'sim/world': {
    is: 'simulated hosts, network, disks, clocks; the plan of a run',
    imports: [core, 'src/wire', 'pure-rand', 'node:util'],
    tests: [cluster],
  },
  'sim/load': {
    is: 'clients and what they do',
    imports: [core, 'src/reconcile', 'sim/world'],
    tests: ['sim/checkers/fixture.ts'],
  },
  'sim/faults': { is: 'what goes wrong', imports: [core, 'sim/world'], tests: [cluster] },
  'sim/checkers': { is: 'what must hold', imports: [core, 'sim/world', 'sim/load/clients.ts'], tests: [cluster] },
  'sim/run': {
    is: 'runs of many seeds, told, replayed and shrunk',
    imports: [core, 'sim/world', 'sim/load', 'sim/faults', 'sim/checkers', 'valibot', 'node:*'],
  },
  'sim/scenarios': { is: 'one thing at a time, in a small ring', imports: [core, 'sim/world'] },
  'sim/transcripts': {
    is: 'what nodes say to each other, written down',
    imports: [core, 'sim/world', 'sim/scenarios'],
    tests: ['node:*'],
  },
  'sim/mutants': {
    is: 'planted bugs, which the checkers must find',
    imports: [core, 'sim/world', 'sim/run', 'vite', 'vitest/node', 'node:*'],
  },
  'sim/experiments/paper': {
    is: "the Dynamo paper's figures",
    imports: [core, 'sim/world', 'sim/faults', 'd3-scale', 'd3-shape', 'node:*'],
  },
  'sim/experiments/steps': { is: 'how long single steps take', imports: [core, 'sim/world', 'node:*'] },
  'sim/experiments/scale': {
    is: 'large rings without faults',
    imports: [core, 'src/wire', 'sim/world', 'sim/experiments/paper', 'node:*'],
  },
  web: { is: 'what all of the page uses: router, words, animals', imports: ['src/index.ts', 'lit'] },
  'web/{app,main}.ts': {
    is: 'the page',
    imports: [
      ...['src/index.ts', 'web', 'web/theme', 'web/state', 'web/shell', 'web/shop', 'web/ring', 'web/fixtures'],
      'lit',
    ],
  },
  'web/theme': { is: 'styles and icons', imports: ['web', 'lit'] },
  'web/state': {
    is: 'what the page knows of the store',
    imports: ['src/index.ts', 'web', 'lit'],
    tests: ['web/fixtures'],
  },
  'web/shell': {
    is: 'the frame of the page: alarms, invitation, theme',
    imports: ['web', 'web/theme', 'web/state', 'lit', 'uqr'],
    tests: ['src/index.ts', 'web/fixtures'],
  },
  'web/shop': {
    is: 'the demo cart',
    imports: ['src/index.ts', 'web', 'web/theme', 'web/state', 'web/shell', 'lit'],
    tests: ['web/fixtures'],
  },
  'web/ring': {
    is: 'the ring, its members and settings',
    imports: ['src/index.ts', 'web', 'web/theme', 'web/state', 'web/shell', 'lit', 'd3-shape'],
    tests: ['web/fixtures'],
  },
  'web/fixtures': {
    is: 'a store that plays a part, and a gallery of the page',
    imports: ['src/index.ts', 'web', 'web/app.ts', 'web/theme', 'web/state', 'lit'],
  },
  'signaling-server': {
    is: 'page and introductions, one process',
    imports: ['src/signaling', 'node:*', 'ws', 'sirv', 'valibot', '@vitejs/plugin-basic-ssl'],
  },
  'e2e/**': { is: 'tests in real tabs', imports: 'anything' },
  'consumers/**': { is: 'tests of the packed package', imports: 'anything' },
  'scripts/**': { is: 'set-up, and the checks of this repository', imports: 'anything' },
};

/** Only a row that names one of these may import it; a row with `anything` may not. */
export const reserved = ['simple-peer', 'idb'];

/** What the core may not name: it gets time, randomness and completions as inputs of `step`. */
export const hostGlobals = [
  ...['Date', 'performance', 'crypto', 'Promise', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['requestAnimationFrame', 'requestIdleCallback', 'fetch', 'indexedDB', 'localStorage', 'console'],
  ...['globalThis', 'window', 'self', 'document', 'navigator', 'process'],
];
