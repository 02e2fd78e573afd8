/**
 * The `Content-Disposition` header that makes a browser save a file under this name instead of showing it (RFC 6266): plain for old
 * clients, and encoded as in RFC 8187 for all others.
 */
export function attachment(name: string): string {
  const plain = name.replace(/[^\w .()-]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
