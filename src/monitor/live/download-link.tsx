import type { ReactNode } from 'react';
import { Icon } from '../layout/icon.tsx';
import { useSession } from './session-context.ts';
import { useAction } from './use-action.ts';

/**
 * A link that downloads a file from the server.
 * @param mayFail shows the reason if the server refuses, which a plain link cannot
 */
export function DownloadLink({
  address,
  mayFail = false,
  children,
}: {
  address: string;
  mayFail?: boolean;
  children: ReactNode;
}) {
  const { headers } = useSession();
  const fetching = useAction(() => saveFile(address, headers));
  // A plain link cannot send a token. Without a token it is better: the browser shows progress and resumes interrupted downloads.
  if (!('authorization' in headers) && !mayFail) {
    return (
      <a className="button" href={address} download>
        <Icon name="download" />
        {children}
      </a>
    );
  }
  return (
    <>
      <button type="button" className="button" onClick={() => fetching.run()} disabled={fetching.isBusy}>
        <Icon name="download" />
        {children}
      </button>
      {fetching.error !== null && (
        <span className="error-text" role="alert">
          {fetching.error}
        </span>
      )}
    </>
  );
}

async function saveFile(address: string, headers: Readonly<Record<string, string>>): Promise<string | null> {
  const response = await fetch(address, { headers });
  if (!response.ok) return reasonOf(response);
  // RFC 8187: `filename` replaces characters outside ASCII.
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = decodeURIComponent(name ?? address.split('/').at(-1) ?? '');
  link.click();
  URL.revokeObjectURL(url);
  return null;
}

async function reasonOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { errors?: { message?: string }[] } | null;
  return body?.errors?.[0]?.message ?? `Download failed (HTTP ${response.status}).`;
}
