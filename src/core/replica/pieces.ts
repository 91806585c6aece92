/**
 * States in pieces ([VER-4]): how much of a state goes into one message. The siblings of a state are sorted, so that
 * a piece is a row of them. The invariant: what is counted here is no less than what the wire takes.
 */
import type { Listed, Rest } from '../message.ts';
import { contextSize } from '../version/context.ts';
import { canonical, contextOf, lacks, sizeOf, type VersionMetadata } from '../version/siblings.ts';
import { digest } from './merkle.ts';

/** A dot: an actor of at most 29 letters, a number, and what says what they are. The rest: names of fields, and numbers. */
const dotBytes = 40;
const otherBytes = 160;
/** Of a letter in UTF-8, at most. */
const letterBytes = 3;

/** Bytes of what is known of a version, without its value. */
function metadataBytes({ context, op, replaced = [] }: VersionMetadata): number {
  const letters = [op, ...replaced, ...(context.ops ?? [])].reduce((sum, { length }) => sum + length, 0);
  return otherBytes + dotBytes * (1 + contextSize(context)) + letterBytes * letters;
}

/** Bytes of a version with its value. */
const versionBytes = (version: VersionMetadata): number => metadataBytes(version) + version.size;

/** Bytes of all these versions, with their values. */
export function bytesOf(versions: readonly VersionMetadata[]): number {
  return versions.reduce((sum, version) => sum + versionBytes(version), 0);
}

/** What goes into one message: all, if it is at most `bytes`, else a quarter of that from place `from` on, at least one. */
export function pieceOf<T extends VersionMetadata>(versions: readonly T[], from: number, bytes: number): readonly T[] {
  return from === 0 && bytesOf(versions) <= bytes ? versions : row(versions, from, bytes / 4, versionBytes);
}

/** As many as fit without their values. */
export function metadataPieceOf(versions: readonly VersionMetadata[], bytes: number): readonly VersionMetadata[] {
  return row(versions, 0, bytes, metadataBytes);
}

/** As many keys as fit. Of a key whose versions do not fit into a message by themselves, the name of its state. */
export function listingOf(entries: readonly Listed[], bytes: number): readonly Listed[] {
  const named = entries.map(({ key, versions, stored }): Listed => {
    const fits = metadataPieceOf(versions, bytes).length === versions.length;
    return fits ? { key, versions, stored } : { key, versions: [], of: stateName(versions), stored };
  });
  return row(named, 0, bytes, ({ key, versions }) => {
    return versions.reduce((sum, version) => sum + metadataBytes(version), otherBytes + letterBytes * key.length);
  });
}

function row<T>(items: readonly T[], from: number, bytes: number, sizeOf: (item: T) => number): readonly T[] {
  let end = from;
  for (let left = bytes; end < items.length; end++) {
    const item = items[end];
    if (item !== undefined) left -= sizeOf(item);
    if (left < 0 && end > from) break;
  }
  return items.slice(from, end);
}

/** Asked for again with each piece, and takes long for a state of many pieces. */
const names = new WeakMap<readonly VersionMetadata[], string>();

/** The name of a state: two nodes that give it the same hold the same. */
export function stateName(versions: readonly VersionMetadata[]): string {
  const name = names.get(versions) ?? digest(canonical(versions));
  names.set(versions, name);
  return name;
}

/** What is held of a key, and what is listed of it: that is more while others are still to hear of a reap ([DEL-2]). */
interface Held {
  readonly versions: readonly VersionMetadata[];
  readonly listed: readonly VersionMetadata[];
}

/** Whether a peer that lists the key so, or not at all, lacks some of what is held; of a state that is only named, if it is another. */
export function isLackedBy(theirs: Listed | undefined, held: Held): boolean {
  return theirs?.of === undefined
    ? lacks(theirs?.versions ?? [], held.versions).length > 0
    : isAnother(theirs.of, held);
}

/** Whether what is held lacks some of what a peer lists. */
export function lacksOf({ versions, of }: Listed, held: Held): boolean {
  return of === undefined ? lacks(held.listed, versions).length > 0 : isAnother(of, held);
}

/** With and without what was reaped it is the same: then either has heard of the reap, or will. */
const isAnother = (name: string, { versions, listed }: Held): boolean =>
  name !== stateName(versions) && name !== stateName(listed);

/** What a message with the first piece says of the whole. */
export function restOf(versions: readonly VersionMetadata[]): Rest {
  const [of, count, bytes] = [stateName(versions), versions.length, sizeOf(versions)];
  return { of, count, bytes, context: contextOf(versions) };
}
