/** How an upload ended. */
export type UploadResult =
  | { readonly kind: 'DONE' }
  /** There is a file of this name already. */
  | { readonly kind: 'EXISTS' }
  | { readonly kind: 'REFUSED'; readonly message: string };

/**
 * Sends a file to the server, which has it whole or not at all.
 * @param onProgress is told the share that is sent, 0 to 1
 */
export function uploadDataset(
  file: File,
  {
    replace,
    headers,
    signal,
    onProgress,
  }: {
    replace: boolean;
    headers: Readonly<Record<string, string>>;
    signal: AbortSignal;
    onProgress: (share: number) => void;
  },
): Promise<UploadResult> {
  // Not fetch: that does not tell how far it is.
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    const refuse = (message: string) => resolve({ kind: 'REFUSED', message });
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      if (request.status < 300) resolve({ kind: 'DONE' });
      else if (request.status === 409 && !replace) resolve({ kind: 'EXISTS' });
      else refuse(messageOf(request.responseText) ?? `The server refused the file (${request.status}).`);
    };
    request.onerror = () => refuse('The connection was lost before the file was there. Nothing of it was kept: try again.');
    request.onabort = () => refuse('Cancelled. Nothing of the file was kept.');
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open('PUT', `/datasets/${encodeURIComponent(file.name)}${replace ? '?replace=true' : ''}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { errors?: { message?: string }[] }).errors?.[0]?.message;
  } catch {
    return undefined;
  }
}
