/** The server rejected a request. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  /** `__typename` of the error result, or `extensions.code` of the error, for example `InvalidInputError`; null when there is neither. */
  readonly kind: string | null;
  constructor(message: string, kind: string | null, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** No server responds at the address, or another program does. */
export class UnreachableError extends ApiError {
  override readonly name = 'UnreachableError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, null, options);
  }
}

/** The server requires an access token, and the request had none or a wrong one. */
export class AuthenticationError extends ApiError {
  override readonly name = 'AuthenticationError';
  constructor(message: string) {
    super(message, 'UNAUTHENTICATED');
  }
}
