/**
 * What a run is made from beside its seed, and the command that makes it again. Invariant: the command
 * says everything, and what it parses to is what it was written from.
 */
import { drawnNodes, type FaultKind, faultKinds, makePlan, type Plan } from '../world/plan.ts';

export interface RunSettings {
  /** `drawn`: each seed has its own number. */
  readonly nodes: number | 'drawn';
  /** The faults of a run end after so many steps. */
  readonly events: number;
  /** Kinds of faults that are left out. */
  readonly without: readonly FaultKind[];
  /** All others are left out; undefined: none is. */
  readonly onlyFaults: readonly number[] | undefined;
  readonly onlyOperations: readonly number[] | undefined;
}

/** Those of a run whose ring has a known size. */
export interface SizedSettings extends RunSettings {
  readonly nodes: number;
}

/** An option that makes no sense: the message is for the user. */
export class UsageError extends Error {}

export function planOf(seed: number, settings: RunSettings): Plan {
  const { nodes, events, without, onlyFaults, onlyOperations } = settings;
  const plan = makePlan(seed, nodesOf(seed, nodes), events, without);
  return { ...plan, ...(onlyFaults && { onlyFaults }), ...(onlyOperations && { onlyOperations }) };
}

export const nodesOf = (seed: number, nodes: RunSettings['nodes']): number =>
  nodes === 'drawn' ? drawnNodes(seed) : nodes;

export function commandOf(seed: number, settings: RunSettings): string {
  const { nodes, events, without, onlyFaults, onlyOperations } = settings;
  const parts = [`npm run sim -- --seed ${seed} --nodes ${nodesOf(seed, nodes)} --events ${events}`];
  if (without.length > 0) parts.push(`--without ${without}`);
  if (onlyFaults) parts.push(`--only-faults ${formatList(onlyFaults)}`);
  if (onlyOperations) parts.push(`--only-operations ${formatList(onlyOperations)}`);
  return [...parts, '--trace'].join(' ');
}

/** Each option's text, as the command line has it. */
export interface SettingTexts {
  readonly nodes: string;
  readonly events: string;
  readonly without: string;
  readonly 'only-faults'?: string | undefined;
  readonly 'only-operations'?: string | undefined;
}

export function parseSettings(texts: SettingTexts): RunSettings {
  return {
    nodes: texts.nodes === 'drawn' ? 'drawn' : whole('nodes', texts.nodes),
    events: whole('events', texts.events),
    without: parseKinds(texts.without),
    onlyFaults: parseList('only-faults', texts['only-faults']),
    onlyOperations: parseList('only-operations', texts['only-operations']),
  };
}

export function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new UsageError(`--${name} must be a whole number from 1 on, not '${text}'`);
}

function parseKinds(text: string): FaultKind[] {
  const names = text.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !faultKinds.some((kind) => kind === name));
  if (unknown !== undefined) throw new UsageError(`--without: there is no fault '${unknown}', only ${faultKinds}`);
  return faultKinds.filter((kind) => names.includes(kind));
}

/** `1-3,7`, or `none`. */
function parseList(name: string, text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return [];
  return text.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map((number) => whole(name, number));
    if (last < first) throw new UsageError(`--${name}: '${part}' ends before it begins`);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

function formatList(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && number <= range.last + 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',') || 'none';
}
