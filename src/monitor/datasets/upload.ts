/** Result of an upload. */
export type UploadResult =
  | { readonly kind: 'DONE' }
  /** A file with this name already exists. */
  | { readonly kind: 'EXISTS' }
  | { readonly kind: 'REFUSED'; readonly message: string };

/**
 * Uploads a file. The server keeps all of it, or none.
 * @param onProgress called with the share that has been sent, 0 to 1
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
  // Not fetch, which reports no upload progress.
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    const refuse = (message: string) => resolve({ kind: 'REFUSED', message });
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      if (request.status < 300) resolve({ kind: 'DONE' });
      else if (request.status === 409 && !replace) resolve({ kind: 'EXISTS' });
      else refuse(messageOf(request.responseText) ?? `The server rejected the file (HTTP ${request.status}).`);
    };
    request.onerror = () => refuse('The connection was lost during the upload. Nothing was saved. Try again.');
    request.onabort = () => refuse('Upload cancelled. Nothing was saved.');
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
