// Owns the one kind of error that the host explains to people. `facts` holds what the sentence needs; the host writes the sentence.

export class Failure extends Error {
  constructor(code, facts = {}, position = null) {
    super(code);
    this.code = code;
    this.facts = facts;
    this.position = position;
    this.places = [];
  }
}

/** Add where it happened, from the inside outwards, and pass the error on. */
export function rethrowAt(error, place) { throw locatedAt(error, place); }

/** The error with one more place around it. */
export function locatedAt(error, place) {
  const failure = failureFrom(error);
  if (!failure) return error;
  failure.places.unshift(place);
  return failure;
}

/** What an error of feelin means; null for the engine's own errors (out of memory, too deep), which the host must see. */
export function failureFrom(error) {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error) || error instanceof RangeError || error.name === 'InternalError') return null;
  if (error.message === 'NOW_NOT_GIVEN') return new Failure('NOW_NOT_GIVEN');
  if (error.position && typeof error.position.from === 'number') {
    return new Failure('SYNTAX', { detail: error.message, token: String(error.input || '') }, error.position.from);
  }
  return new Failure('ERROR', { detail: error.message });
}
