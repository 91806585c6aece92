import { expect, test } from 'vitest';
import { ClosedError } from '../api/errors.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { heal, idOf, isolate, nobody, open, primariesOf, ring, stranger, until, within } from './store.fixture.ts';

test('[HINT-1] what is written while an owner is away is held for it by name, and handed over when it is back', async () => {
  const { opened, a } = await ring(5);
  const key = 'cart';
  const writer = stranger(opened, key);
  const away = opened.filter((store) => primariesOf(a, key).includes(idOf(store))).slice(0, 2);
  isolate(opened, ...away);
  await until(() => {
    const gone = writer.view().members.filter(({ status }) => status === 'unreachable');
    return gone.length === away.length;
  });
  const receipt = await within(writer.put(key, ['tea']));
  expect(receipt.quorum).toBe('met');
  expect(receipt.durable).toBeLessThan(2);
  expect(receipt.hinted.every((hint) => away.map(idOf).includes(hint.for))).toBe(true);
  expect(receipt.hinted.length).toBeGreaterThan(0);
  expect(opened.reduce((sum, store) => sum + store.view().hints.held, 0)).toBeGreaterThan(0);
  heal(opened);
  await until(() => opened.every((store) => store.view().hints.held === 0));
  for (const { node, role, versions } of await within(writer.inspect(key))) {
    if (role === 'primary') expect({ node, versions: versions.length }).toEqual({ node, versions: 1 });
  }
});

test('both halves of a split ring take writes, and the values of both are there after healing', async () => {
  const { opened, a } = await ring(6, { join: 'now' });
  const half = opened.slice(0, 3);
  isolate(opened, ...half);
  await until(() => a.view().members.filter(({ status }) => status === 'unreachable').length === 3);
  const [one = nobody(), , , other = nobody()] = opened;
  await within(one.put('cart', ['tea']));
  await within(other.put('cart', ['milk']));
  heal(opened);
  await until(() => opened.every((store) => store.view().members.every(({ status }) => status === 'up')));
  for (const store of opened) await until(async () => (await within(store.get('cart'))).values.length === 2);
  await within(a.update('cart', (carts) => carts.flat().toSorted()));
  expect((await within(other.get('cart'))).values).toEqual([['milk', 'tea']]);
});

test('[ID-1] a closed node is resumed with its data, in a new epoch, though nobody introduces it', async () => {
  const { hub, disks, a, c } = await ring(3);
  await within(a.put('cart', ['tea']));
  const before = c.view().self;
  await within(c.close());
  const transport = hub.transport();
  transport.introduced = () => new Promise(() => undefined);
  const storage = new MemoryStorage(disks[2]);
  const again = await open(hub, disks[2], { ports: { transport, storage } });
  expect(again.view().self.id).toBe(before.id);
  expect(again.view().self.epoch).toBeGreaterThan(before.epoch);
  expect((await within(again.get('cart'))).values).toEqual([['tea']]);
});

test('[STO-2] a lost database is opened again, and nothing acked is missing', async () => {
  const { a, disks } = await ring(1);
  await within(a.put('cart', ['tea']));
  const { epoch } = a.view().self;
  disks[0]?.lose();
  await until(() => a.view().alarms.length === 0);
  expect((await within(a.get('cart'))).values).toEqual([['tea']]);
  expect(a.view().self.epoch).toBeGreaterThan(epoch);
  await within(a.update('cart', (carts) => [...carts.flat(), 'milk']));
  expect((await within(a.get('cart'))).values).toEqual([['tea', 'milk']]);
});

test('[STO-2] [STO-6] a wiped database comes back as a new store, and is filled again by the others', async () => {
  const { opened, disks, a, b } = await ring(3);
  for (let i = 0; i < 10; i++) await within(a.put(`cart${i}`, ['tea']));
  await until(() => opened.every((store) => store.view().keys === 10));
  disks[1]?.wipe();
  expect(disks[1]?.keys.size).toBe(0);
  await until(() => disks[1]?.keys.size === 10);
  expect(b.view()).toMatchObject({ keys: 10, alarms: [{ code: 'storage-cleared' }] });
  expect((await within(b.get('cart0', { r: 1 }))).values).toEqual([['tea']]);
});

test('leave hands everything over, deletes the database, and the others know', async () => {
  const { opened, disks, a, b } = await ring(5);
  for (let i = 0; i < 20; i++) await within(a.put(`cart${i}`, [`${i}`]));
  const left = idOf(b);
  await within(b.leave());
  expect(disks[1]?.keys.size).toBe(0);
  await expect(b.get('cart0')).rejects.toThrow(ClosedError);
  const rest = opened.filter((store) => store !== b);
  await until(() =>
    rest.every((store) => store.view().members.every(({ id, status }) => id !== left || status === 'left')),
  );
  for (let i = 0; i < 20; i++) {
    expect(primariesOf(a, `cart${i}`)).not.toContain(left);
    expect((await within(a.get(`cart${i}`, { r: 3 }))).values).toEqual([[`${i}`]]);
  }
});

test('[MEM-1] a member that is gone for good is removed by another', async () => {
  const { opened, a, b } = await ring(4);
  const gone = idOf(b);
  await within(b.close());
  await within(a.remove(gone));
  const rest = opened.filter((store) => store !== b);
  await until(() => rest.every((store) => !store.view().ring.owners.includes(gone)));
});
