import { expect } from '@playwright/test';
import { test } from 'tabring/testing/playwright';

test('what is written on both sides of a cut is there when it has healed', async ({ ring }) => {
  const [one, two, three] = await ring.open(3, { url: '/#kitchen' }); // each in a profile of its own
  await ring.agreed(); // they are one ring
  await ring.cut([one, two], [three]);
  await one.store.evaluate((store) => store.put('list', ['tea'])); // or press what does so in your page
  await three.store.evaluate((store) => store.put('list', ['rum']));
  await ring.heal();
  await ring.agreed();
  const read = () => two.store.evaluate(async (store) => (await store.get('list')).values);
  await expect.poll(read).toEqual(expect.arrayContaining([['tea'], ['rum']]));
});
