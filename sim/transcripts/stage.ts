/**
 * Where a story is told: a cluster in which everything takes its usual time, and whose nodes go by letters
 * after their place in the preference list of the story's key. Invariant: nothing is left to chance, so that
 * a transcript changes only with the protocol.
 */

import { Cluster, type Setup } from '../scenarios/cluster.ts';
import type { Host } from '../world/host.ts';
import { nodeName } from '../world/names.ts';
import { Words } from '../world/words.ts';
import { pageOf } from './page.ts';
import { type Detail, Recorder } from './recorder.ts';

export interface TranscriptStory {
  /** Of its file, without the ending. */
  readonly name: string;
  readonly title: string;
  /** Ids of the rules that it shows. */
  readonly rules: string;
  /** What to look for, for somebody who reads it first. */
  readonly about: string;
  readonly nodes?: number;
  readonly key?: string;
  readonly setup?: Setup;
  readonly detail?: Detail;
  tell(stage: Stage): void;
}

/** Simulated ms: until all have heard that the last join has left nobody with anything to hand over. */
const quietAfter = 15_000;

/** A multiple of the times of all timers, and what lies between those of two nodes, in ms. */
const beat = 10_000;
const apart = 130;

/** Longer than any message is under way in a story, in ms. */
const lastArrivals = 2000;

export class Stage {
  readonly cluster: Cluster;
  readonly #words = new Words();
  readonly #hosts: readonly Host[];
  readonly #recorder: Recorder;

  constructor({ nodes = 5, key = 'cart', setup = {}, detail = {} }: TranscriptStory) {
    this.cluster = new Cluster(0, setup);
    withoutChance(this.cluster);
    for (let i = 0; i < nodes; i++) {
      this.#waitForBeat(i * apart);
      this.cluster.join();
    }
    this.#hosts = [...this.cluster.owners(key), ...this.cluster.others(key)];
    for (const [at, host] of this.#hosts.entries()) this.#words.call(host.id, 'abcdefgh'[at] ?? '');
    this.cluster.wait(quietAfter);
    this.#waitForBeat(nodes * apart);
    this.#recorder = new Recorder(this.cluster, this.#words, detail);
  }

  /** Until so many ms after a beat: when a node's timers come must not depend on how long the joins took. */
  #waitForBeat(ms: number): void {
    const { now } = this.cluster.world;
    this.cluster.wait(beat - (now % beat) + ms);
  }

  /** a, b and c own the key of the story; d and then e stand in for them. */
  get cast(): { a: Host; b: Host; c: Host; d: Host; e: Host } {
    const of = (at: number): Host => {
      const host = this.#hosts[at];
      if (host === undefined) throw new Error(`this story has ${this.#hosts.length} nodes`);
      return host;
    };
    return { a: of(0), b: of(1), c: of(2), d: of(3), e: of(4) };
  }

  /** Runs something in which whatever may happen by chance does. */
  unluckily(run: () => void): void {
    const { random } = this.cluster.world;
    const { fraction } = random;
    random.fraction = () => 0;
    run();
    random.fraction = fraction;
  }

  /** A new node, not started yet. */
  newcomer(letter: string): Host {
    const host = this.cluster.world.addHost();
    this.#words.call(host.id, letter);
    return host;
  }

  /** A line of prose between the steps. */
  readonly say = (text: string): void => this.#recorder.say(text);

  page(): string {
    this.#recorder.end();
    this.cluster.wait(lastArrivals);
    return pageOf(this.#recorder.entries);
  }
}

export function transcriptOf(story: TranscriptStory): string {
  const stage = new Stage(story);
  story.tell(stage);
  const { title, rules, about } = story;
  return `${title}  ${rules}\n\n${about}\n\n${stage.page()}\n`;
}

/** Each delay is its mean, each choice the middle one. Only names and the seeds of cores differ. */
function withoutChance({ world }: Cluster): void {
  let seeds = 0;
  let stores = 0;
  Object.assign(world.random, {
    int: (min: number, max: number) => (max === 0x7fff_ffff ? ++seeds : Math.floor((min + max) / 2)),
    fraction: () => 0.5,
    around: (mean: number) => Math.max(1, Math.round(mean)),
    name: () => nodeName(stores++),
  });
}
