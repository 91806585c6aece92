import { expect, test, vi } from 'vitest';
import { SignalingError } from '../api/errors.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { openStore } from './open-store.ts';
import { newDisk, open, optionsOn, until, within } from './store.fixture.ts';

const full = new SignalingError('full', 'the introducer has no place');

test('[SIG-3] an introducer that is there and lets nobody in ends the opening, with a named error', async () => {
  const hub = new MemoryHub();
  const transport = hub.transport();
  transport.introduced = () => Promise.reject(full);
  const ports = { transport, storage: new MemoryStorage(newDisk()) };
  await expect(within(openStore({ ...optionsOn(hub), ports }))).rejects.toBe(full);
  expect(transport.signaling()).toBe('closed');
});

test('[SIG-3] of a store that is open it is an alarm, for as long as it lasts', async () => {
  const hub = new MemoryHub();
  const transport = hub.transport();
  const store = await open(hub, undefined, { ports: { transport, storage: new MemoryStorage(newDisk()) } });
  let signaling: string | undefined = full.message;
  transport.troubles = () => ({ signaling, 'no-links': undefined });
  transport.heal();
  await until(() => store.view().alarms.some(({ code }) => code === 'signaling'));
  expect(store.view().alarms).toMatchObject([{ code: 'signaling', message: full.message }]);
  signaling = undefined;
  transport.heal();
  await until(() => store.view().alarms.length === 0);
});

test('[API-4] who waits is told for what', async () => {
  const waitsFor: string[] = [];
  const hub = new MemoryHub();
  const disk = newDisk();
  const onWaiting = (what: string): number => waitsFor.push(what);
  await (await open(hub, disk, { onWaiting })).close();
  expect(waitsFor).toEqual(['storage', 'introducer', 'ring']);
  await open(hub, disk, { onWaiting });
  expect(waitsFor.slice(3)).toEqual(['storage', 'ring']);
});

test('[API-4] storage that never opens is a StorageError after 20 s, with what to do', async () => {
  const hub = new MemoryHub();
  class Silent extends MemoryStorage {
    override open(): Promise<never> {
      return new Promise(() => undefined);
    }
  }
  const ports = { transport: hub.transport(), storage: new Silent() };
  const opening = within(openStore({ ...optionsOn(hub), ports }), 21_000);
  await expect(opening).rejects.toThrow(/^storage failed: the database does not open .*restart the browser/);
  await expect(opening).rejects.toMatchObject({ name: 'StorageError' });
  expect(vi.getTimerCount()).toBe(0);
});

test('[API-4] a room that no introducer takes is refused before anything is done', async () => {
  const hub = new MemoryHub();
  await expect(openStore({ ...optionsOn(hub), room: 'r'.repeat(129) })).rejects.toThrow(
    /room must be well-formed text of 1 to 128/,
  );
  await (await within(openStore({ ...optionsOn(hub), room: 'r'.repeat(128) }))).close();
});
