/** The server said no. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  /** `__typename` of the refusal, or `extensions.code` of the error, for example `InvalidInputError`; null when there is neither. */
  readonly kind: string | null;
  constructor(message: string, kind: string | null, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Nothing answers at the address, or something that is no Trainyard server. */
export class UnreachableError extends ApiError {
  override readonly name = 'UnreachableError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, null, options);
  }
}

/** The server wants a token, and got none or one that it does not know. */
export class NotAllowedError extends ApiError {
  override readonly name = 'NotAllowedError';
  constructor(message: string) {
    super(message, 'UNAUTHENTICATED');
  }
}
