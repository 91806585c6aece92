/** Names of simulated nodes: valid node ids that read as one letter in a trace. */
import type { NodeId } from '../../src/core/ids.ts';

/** 0 → `a22222222222`, 26 → `ba2222222222`. */
export function nodeName(index: number): NodeId {
  let letters = '';
  for (let rest = index; ; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(97 + (rest % 26)) + letters;
    if (rest < 26) break;
  }
  return letters.padEnd(12, '2');
}

const short = new Map<NodeId, string>();

/** The letters alone, for traces. */
export function shortName(node: NodeId): string {
  const known = short.get(node) ?? node.replace(/2+$/, '');
  short.set(node, known);
  return known;
}
