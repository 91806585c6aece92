/** Errors in words: what happened, and what to do next. */

const nextSteps: Readonly<Record<string, string>> = {
  OverloadedError: 'Wait a moment, and try again.',
  QuorumError: 'It may spread by itself. Open more tabs of this room, or heal the cut, and try again.',
  StorageError: 'Free space on this device or reload this page, and try again.',
  UnknownOutcomeError: 'Look whether it is there, and try again if it is not.',
  SignalingError: 'Mend what it names, and reload this page.',
  ClosedError: 'Reload this page to join again.',
  KeyError: 'Use another name.',
  ValueTooLargeError: 'Remove something first.',
  DecodeError: 'Another program wrote it: use another cart, by another address.',
  SiblingsTooLargeError: 'Empty it: that replaces all of its versions by one.',
  MemberError: 'It may have left already: look at the members again.',
};

const otherwise = 'Try again; if it stays so, reload this page.';

/** The error's own words as a sentence, and the next step after them. */
export function explained(error: unknown): string {
  const [text, name] = error instanceof Error ? [error.message, error.name] : [String(error), ''];
  const said = text.trim() || 'It did not work, and nobody said why';
  const sentence = `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
  const step = Object.hasOwn(nextSteps, name) ? nextSteps[name] : undefined;
  return `${/[.!?]$/.test(sentence) ? sentence : `${sentence}.`} ${step ?? otherwise}`;
}
