import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addWinsMap, ClosedError, type Receipt } from '../../src/index.ts';
import { FixtureStore, type Scene } from '../fixtures/fixture-store.ts';
import { CartSession } from './cart-session.ts';

const { add, emptyMap, setQuantity } = addWinsMap;
const key = 'cart/main';
const three: Scene['members'] = [{ status: 'up' }, { status: 'up' }, { status: 'up' }];
const lemons = add(emptyMap(), 'lemon', 2, 'a.1#1');

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function openCart(scene: Partial<Scene> = {}) {
  const store = new FixtureStore({ members: three, ...scene });
  const cart = new CartSession(store, 'main', () => undefined);
  await settled();
  return { store, cart, stored: async () => (await store.get(key)).values };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a cart', () => {
  test('shows an edit at once, also while nothing can be written', async () => {
    const { cart } = await openCart({ write: 'pending' });
    cart.add('lemon');
    cart.add('lemon');
    cart.setQuantity('honey', 3);
    expect(cart.state.lines).toEqual([
      { item: 'honey', quantity: 3 },
      { item: 'lemon', quantity: 2 },
    ]);
    expect(cart.state.save.state).toBe('sending');
  });

  test('keeps what it did when an older version arrives late', async () => {
    const { cart, store } = await openCart({ values: { [key]: [lemons] } });
    cart.remove('lemon');
    await settled();
    await store.put(key, lemons);
    await settled();
    expect(cart.state.lines).toEqual([]);
  });

  test('edits made while a save is on its way go with the next one', async () => {
    const { cart, store } = await openCart();
    const answers: (() => void)[] = [];
    const update = vi.spyOn(store, 'update').mockImplementation(
      (_, change) =>
        new Promise<Receipt>((resolve) => {
          answers.push(() => resolve(store.put(key, change([]))));
        }),
    );
    cart.add('lemon');
    cart.add('honey');
    cart.add('eggs');
    expect(update).toHaveBeenCalledTimes(1);
    answers[0]?.();
    await settled();
    expect(update).toHaveBeenCalledTimes(2);
    answers[1]?.();
    await settled();
    expect(update).toHaveBeenCalledTimes(2);
    expect(cart.state.save.state).toBe('saved');
  });

  test('what others change is told apart from what is done here', async () => {
    const { cart, store } = await openCart({ values: { [key]: [lemons] } });
    expect(cart.state.heard).toEqual([]);
    cart.add('honey');
    await settled();
    expect(cart.state.heard).toEqual([]);
    const theirs = add(emptyMap(), 'pear', 2, 'z.1#1');
    await store.update(key, (values) => addWinsMap.addWins([...values.filter(addWinsMap.isAddWinsMap), theirs]));
    await settled();
    expect(cart.state.heard).toEqual([{ item: 'pear', quantity: 2 }]);
    await store.update(key, (values) =>
      addWinsMap.remove(addWinsMap.addWins(values.filter(addWinsMap.isAddWinsMap)), 'lemon'),
    );
    await settled();
    expect(cart.state.heard).toEqual([{ item: 'lemon', quantity: 0 }]);
  });

  test('a failed save says what to do next', async () => {
    const { cart, store } = await openCart();
    vi.spyOn(store, 'update').mockRejectedValueOnce(new ClosedError('the store was closed'));
    cart.add('lemon');
    await settled();
    expect(cart.state.save).toMatchObject({ message: 'The store was closed. Reload this page to join again.' });
  });

  test('a failed save loses nothing: the next one carries the edit', async () => {
    const { cart, store, stored } = await openCart();
    vi.spyOn(store, 'update').mockRejectedValueOnce(new Error('full'));
    cart.add('lemon');
    await settled();
    expect(cart.state.save).toMatchObject({ state: 'failed', maybe: false });
    cart.retry();
    await settled();
    expect(await stored()).toMatchObject([{ entries: [['lemon', expect.anything()]] }]);
  });

  test('two sessions of one cart, one after the other, both count', async () => {
    const { cart, store } = await openCart();
    cart.add('lemon');
    await settled();
    cart.dispose();
    const again = new CartSession(store, 'main', () => undefined);
    await settled();
    again.add('lemon');
    expect(again.state.lines).toEqual([{ item: 'lemon', quantity: 2 }]);
  });

  test('a removal can be undone', async () => {
    const { cart } = await openCart({ values: { [key]: [lemons] } });
    cart.remove('lemon');
    expect(cart.state.removed).toEqual({ item: 'lemon', quantity: 2 });
    cart.undoRemove();
    expect(cart.state.lines).toEqual([{ item: 'lemon', quantity: 2 }]);
    expect(cart.state.removed).toBeUndefined();
  });

  test('a removal of a line that is back is undone beside it', async () => {
    const { cart } = await openCart({ values: { [key]: [lemons] } });
    cart.remove('lemon');
    cart.add('lemon');
    cart.undoRemove();
    expect(cart.state.lines).toEqual([{ item: 'lemon', quantity: 3 }]);
  });

  test('what is no cart is left out, and said', async () => {
    const { cart } = await openCart({ values: { [key]: [lemons, '<img src=x>'] } });
    expect(cart.state.foreign).toBe(1);
    expect(cart.state.lines).toEqual([{ item: 'lemon', quantity: 2 }]);
  });
});

describe('two tabs that change one quantity apart', () => {
  const five = setQuantity(emptyMap(), 'lemon', 5, 'a.1#1');
  type Press = (cart: CartSession) => void;
  const more: Press = (cart) => cart.add('lemon');
  const less: Press = (cart) => cart.add('lemon', -1);
  const type =
    (quantity: number): Press =>
    (cart) =>
      cart.setQuantity('lemon', quantity);
  const remove: Press = (cart) => cart.remove('lemon');
  const undone: Press = (cart) => {
    cart.remove('lemon');
    cart.undoRemove();
  };

  test.each([
    ['+ and +', more, more, 7],
    ['− and −', less, less, 3],
    ['+ and −', more, less, 5],
    ['2 typed in both', type(2), type(2), 2],
    ['2 typed, and 3 typed', type(2), type(3), 3],
    ['2 typed, and +', type(2), more, 3],
    ['removed, and +', remove, more, 1],
    ['removed, and −', remove, less, 0],
    ['removed in both, and put back in both', undone, undone, 5],
  ])('%s', async (_, one, other, together) => {
    const [here, there] = [await openCart(), await openCart()];
    const meet = async () => {
      await settled();
      const carts = [...(await here.stored()), ...(await there.stored())].filter(addWinsMap.isAddWinsMap);
      for (const { store } of [here, there]) await store.update(key, () => addWinsMap.addWins(carts));
      await settled();
    };
    // Again with what the first round has left.
    for (let round = 0; round < 3; round++) {
      type(5)(here.cart);
      await meet();
      one(here.cart);
      other(there.cart);
      await meet();
      for (const { cart } of [here, there]) {
        expect(cart.state.lines).toEqual(together > 0 ? [{ item: 'lemon', quantity: together }] : []);
      }
    }
  });

  test('the cart does not grow with presses', async () => {
    const { cart, stored } = await openCart({ values: { [key]: [five] } });
    for (let presses = 0; presses < 500; presses++) cart.add('lemon', presses % 2 ? -1 : 2);
    await settled();
    expect(cart.state.lines).toEqual([{ item: 'lemon', quantity: 255 }]);
    expect(JSON.stringify(await stored()).length).toBeLessThan(250);
  });
});

describe('versions edited apart', () => {
  const values = { [key]: [add(lemons, 'honey', 1, 'b.1#1'), setQuantity(lemons, 'lemon', 5, 'c.1#1')] };

  test('are merged, and told of with both sides', async () => {
    const { cart } = await openCart({ values });
    expect(cart.state.lines).toEqual([
      { item: 'honey', quantity: 1 },
      { item: 'lemon', quantity: 5 },
    ]);
    expect(cart.state.merged?.sides.map(({ lines }) => lines.length)).toEqual([2, 1]);
    expect(cart.state.merged?.result.map(({ item, from }) => [item, from])).toEqual([
      ['honey', ['Version A']],
      ['lemon', ['Version A', 'Version B']],
    ]);
  });

  test('are written back as one after a while', async () => {
    const { stored } = await openCart({ values });
    expect(await stored()).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await stored()).toHaveLength(1);
  });

  test('are not written back by a tab that hears that another did', async () => {
    const { store } = await openCart({ values });
    const update = vi.spyOn(store, 'update');
    await store.put(key, lemons);
    await vi.advanceTimersByTimeAsync(5000);
    expect(update).not.toHaveBeenCalled();
  });

  test('are not written back by a hidden tab', async () => {
    vi.stubGlobal('document', { hidden: true });
    const { stored } = await openCart({ values });
    await vi.advanceTimersByTimeAsync(5000);
    expect(await stored()).toHaveLength(2);
  });

  test('that show the same cart are no news', async () => {
    const { cart } = await openCart({ values: { [key]: [lemons, setQuantity(lemons, 'lemon', 2, 'd.1#1')] } });
    expect(cart.state.merged).toBeUndefined();
  });
});
