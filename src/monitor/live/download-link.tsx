import type { ReactNode } from 'react';
import { Icon } from '../layout/icon.tsx';
import { useSession } from './session-context.ts';
import { useAction } from './use-action.ts';

/** A link that downloads a file of the server. */
export function DownloadLink({ address, children }: { address: string; children: ReactNode }) {
  const { headers } = useSession();
  const fetching = useAction(() => saveFile(address, headers));
  // A plain link cannot bring a token along. Without one it is better: the browser shows how far it is, and goes on after a break.
  if (!('authorization' in headers)) {
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
      {fetching.complaint !== null && (
        <span className="complaint" role="alert">
          {fetching.complaint}
        </span>
      )}
    </>
  );
}

async function saveFile(address: string, headers: Readonly<Record<string, string>>): Promise<string | null> {
  const response = await fetch(address, { headers });
  if (!response.ok) return `The file could not be read (${response.status}).`;
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name ?? address.split('/').at(-1) ?? '';
  link.click();
  URL.revokeObjectURL(url);
  return null;
}
