/**
 * Makes a failing run small (delta debugging, Zeller's ddmin): leaves out faults, operations, steps and
 * nodes as long as the same checker is the first to fail. Invariant: what it returns was run, and failed.
 */
import type { SizedSettings } from './replay.ts';
import type { Outcome } from './run.ts';

export interface Shrunk {
  readonly settings: SizedSettings;
  readonly outcome: Outcome;
  readonly runs: number;
}

type Part = 'onlyFaults' | 'onlyOperations';

export class Shrinker {
  readonly #run: (settings: SizedSettings) => Outcome;
  readonly #runsMax: number;
  readonly #checker: string;
  #settings: SizedSettings;
  #outcome: Outcome;
  #runs = 1;

  private constructor(
    settings: SizedSettings,
    outcome: Outcome,
    run: (settings: SizedSettings) => Outcome,
    runsMax: number,
  ) {
    this.#settings = settings;
    this.#outcome = outcome;
    this.#run = run;
    this.#runsMax = runsMax;
    this.#checker = firstChecker(outcome) ?? '';
  }

  /** Undefined if nothing fails. */
  static shrink(
    settings: SizedSettings,
    run: (settings: SizedSettings) => Outcome,
    runsMax: number,
  ): Shrunk | undefined {
    const outcome = run(settings);
    if (firstChecker(outcome) === undefined) return undefined;
    const shrinker = new Shrinker(settings, outcome, run, runsMax);
    shrinker.#shrink();
    return { settings: shrinker.#settings, outcome: shrinker.#outcome, runs: shrinker.#runs };
  }

  /** Steps come last: a run that ends just after its failure fails no more once something before it is gone. */
  #shrink(): void {
    const { faults, operations } = this.#outcome.scheduled;
    this.#settings = {
      ...this.#settings,
      onlyFaults: this.#settings.onlyFaults ?? upTo(faults),
      onlyOperations: this.#settings.onlyOperations ?? upTo(operations),
    };
    for (let before = -1; before !== this.#size; ) {
      before = this.#size;
      this.#fewer('onlyFaults');
      this.#fewer('onlyOperations');
      this.#fewerSteps();
      this.#fewerNodes();
    }
  }

  get #size(): number {
    const { onlyFaults = [], onlyOperations = [], events, nodes } = this.#settings;
    return onlyFaults.length + onlyOperations.length + events + nodes;
  }

  /** Whether it fails in the same way with this changed; if so, it stays changed. */
  #try(change: Partial<SizedSettings>): boolean {
    if (this.#runs >= this.#runsMax) return false;
    this.#runs += 1;
    const settings = { ...this.#settings, ...change };
    const outcome = this.#run(settings);
    if (firstChecker(outcome) !== this.#checker) return false;
    this.#settings = settings;
    this.#outcome = outcome;
    return true;
  }

  /** Large cuts first, then ever smaller ones. */
  #fewerSteps(): void {
    for (let cut = 0.5; cut > 0.02; cut /= 2) {
      while (this.#try({ events: Math.max(1, Math.floor(this.#settings.events * (1 - cut))) })) {
        if (this.#settings.events === 1) return;
      }
    }
  }

  #fewerNodes(): void {
    while (this.#settings.nodes > 2 && this.#try({ nodes: this.#settings.nodes - 1 }));
  }

  /** Leaves out one of so many parts of the list at a time; once none can go, the parts are made smaller. */
  #fewer(part: Part): void {
    if (this.#try({ [part]: [] })) return;
    for (let parts = 2; ; ) {
      const list = this.#settings[part] ?? [];
      const length = Math.ceil(list.length / parts);
      let left = false;
      for (let from = 0; from < (this.#settings[part] ?? []).length; ) {
        const now = this.#settings[part] ?? [];
        if (this.#try({ [part]: [...now.slice(0, from), ...now.slice(from + length)] })) left = true;
        else from += length;
      }
      if (length <= 1 && !left) return;
      if (length > 1) parts *= 2;
    }
  }
}

const firstChecker = ({ violations }: Outcome): string | undefined => violations[0]?.checker;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
