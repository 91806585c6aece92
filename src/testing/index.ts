/** `tabring/testing`: edges in memory, for tests of an application without a browser, and for other hosts. */
// biome-ignore-start lint/performance/noBarrelFile: this is an entry of the package.
export { MemoryDisk, MemoryStorage } from './memory-storage.ts';
export { MemoryHub } from './memory-transport.ts';
// biome-ignore-end lint/performance/noBarrelFile: this is an entry of the package.
