/** An EventTarget whose listeners are given the events of a store with their types. */
import type { StoreEvents } from '../api/api.ts';

export abstract class StoreEventTarget extends EventTarget {
  override addEventListener<K extends keyof StoreEvents>(
    type: K,
    listener: (event: StoreEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
  }

  protected emit(type: keyof StoreEvents, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
