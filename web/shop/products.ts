/** What the shop sells. Prices are in cents. A cart holds ids only, so ids never change. */

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly price: number;
}

export const products: readonly Product[] = [
  { id: 'loaf', name: 'Sourdough', unit: 'one loaf', price: 480 },
  { id: 'lemon', name: 'Lemons', unit: 'bag of four', price: 220 },
  { id: 'honey', name: 'Honey', unit: '250 g jar', price: 690 },
  { id: 'cheese', name: 'Comté', unit: '200 g wedge', price: 760 },
  { id: 'eggs', name: 'Eggs', unit: 'half a dozen', price: 310 },
  { id: 'radish', name: 'Radishes', unit: 'one bunch', price: 180 },
  { id: 'coffee', name: 'Coffee', unit: '250 g, whole beans', price: 940 },
  { id: 'oil', name: 'Olive oil', unit: 'half a litre', price: 1150 },
  { id: 'basil', name: 'Basil', unit: 'in its pot', price: 250 },
  { id: 'milk', name: 'Milk', unit: 'one litre', price: 160 },
  { id: 'pear', name: 'Pears', unit: 'bag of three', price: 290 },
  { id: 'fish', name: 'Sardines', unit: '125 g tin', price: 370 },
];

const byId = new Map(products.map((product) => [product.id, product]));

/** Carts are written by anybody in the room: an item that is not sold here goes by its own name. */
export function productOf(id: string): Product {
  return byId.get(id) ?? { id, name: id.slice(0, 40), unit: 'not sold here', price: 0 };
}
