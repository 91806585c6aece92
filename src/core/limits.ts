/** Every bound of the store in one place. Sizes are bytes, times are milliseconds. */
export const limits = {
  /** [KEY-1] */
  keyBytes: 1024,
  valueBytes: 1_048_576,
  /** [VER-6] An alarm at the first, client puts without a covering context are refused at the second. */
  siblingsAlarm: 25,
  siblingsMax: 100,
  /** Nor is such a put taken beside siblings that take more than this on the wire, with values and contexts. */
  siblingsBytes: 4_194_304,
  /** [VER-5] Entries of one context; an alarm at the first, none of more than the second is minted. */
  clockAlarm: 50,
  clockMax: 1000,
  /** Dots of one context apart from its vector: puts in a row from receipts, beside siblings not read. */
  contextDotsMax: 500,
  /** [PUT-1] Forwarded writes that a version remembers to have replaced, for the sake of late copies. */
  replacedForwards: 64,
  /** [VER-3] Keys that a node has minted for and dropped within one epoch; with so many it begins the next. */
  forgottenKeys: 10_000,
  /** [DEL-3] Reap records of one node. One takes no more than the tombstone that it replaces. */
  reapRecords: 100_000,
  /** [OVR-1] Puts that one node coordinates for others at a time; further ones are refused at once. */
  putsForPeers: 1000,
  /** [OVR-1] Keys that background work looks at in one step. */
  sliceKeys: 128,
  /** [VER-4] A longer state goes in pieces of a quarter of this. What a put leaves beside it, and its own value, fit. */
  stateBytes: 8_388_608,
  /** [VER-6] Bytes of one key's values that a get or a watch gathers. */
  readBytes: 67_108_864,
  /** The longest message between nodes, assembled from chunks: the longest piece, and the longest history, fit. */
  messageBytes: 33_554_432,
  /** The longest frame on a data channel ([NET-1]). */
  frameBytes: 16_384,
  historyEvents: 10_000,
  /** The last events for which there is room are kept for those by which a history gets shorter: leave and remove. */
  historyReserve: 100,
  /** The highest lamport of an event: no two rings take 2^48 events. */
  lamportMax: 281_474_976_710_656,
  weightMin: 0.1,
  weightMax: 100,
  /** Characters of a zone, and of a room's name as the introducer takes it ([SIG-1]). */
  zoneLength: 256,
  roomLength: 128,
  /** The longest time that may be configured, ten years in ms ([CFG-1]). */
  timeMax: 315_576_000_000,
  partitionsMax: 4096,
  /** Bytes of values kept in memory by the replica ([STO-3]). */
  cacheBytes: 33_554_432,
  /** Bytes of hints kept for other coordinators ([HINT-1]). */
  hintBytes: 67_108_864,
} as const;

/** The bounds that one node keeps; those of messages are the same for all. */
export type Limits = Readonly<Record<keyof typeof limits, number>>;
