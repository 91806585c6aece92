import { describe, expect, test } from 'vitest';
import { MemoryHub } from './memory-transport.ts';
import { type ContractWorld, Station, transportContract } from './transport.contract.ts';

function memoryWorld(): ContractWorld & { hub: MemoryHub } {
  const hub = new MemoryHub();
  return {
    hub,
    transport: () => hub.transport(),
    async until(what, condition) {
      for (let turn = 0; turn < 1000 && !condition(); turn++) await Promise.resolve();
      if (!condition()) throw new Error(`never: ${what}`);
    },
  };
}

describe('the transport in memory', () => {
  test.each(transportContract)('$title', ({ run }) => run(memoryWorld()));

  test('a severed link is reported down, then up again, at both ends', async () => {
    const world = memoryWorld();
    const one = new Station(world.transport(), 'aaaaaaaaaaaa');
    const other = new Station(world.transport(), 'bbbbbbbbbbbb');
    await world.until('a link', () => one.hasLink(other.id) && other.hasLink(one.id));
    world.hub.sever(one.id, other.id);
    await world.until('three events', () => one.events.length === 3 && other.events.length === 3);
    expect(one.events).toEqual(['up bbbbbbbbbbbb', 'down bbbbbbbbbbbb', 'up bbbbbbbbbbbb']);
    expect(other.events).toEqual(['up aaaaaaaaaaaa', 'down aaaaaaaaaaaa', 'up aaaaaaaaaaaa']);
  });

  test('the sender may reuse its buffer', async () => {
    const world = memoryWorld();
    const one = new Station(world.transport(), 'aaaaaaaaaaaa');
    const other = new Station(world.transport(), 'bbbbbbbbbbbb');
    await world.until('a link', () => one.hasLink(other.id));
    const buffer = Uint8Array.of(1);
    one.transport.send(other.id, buffer, 'bulk');
    buffer[0] = 2;
    await world.until('it', () => other.received.length === 1);
    expect(other.received[0]?.bytes[0]).toBe(1);
  });
});
