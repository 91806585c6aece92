/** Puts what was measured into a page of the documentation; the text around it stays as it is. */

/** Replaces what is between `<!-- name -->` and `<!-- /name -->`, each on a line of its own. */
export function fill(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no place named ${name}`);
  return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}
