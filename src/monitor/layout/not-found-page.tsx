import { Link } from 'wouter';
import { usePageTitle } from './page-title.ts';

/** For an address that leads nowhere. */
export function NotFoundPage() {
  usePageTitle('Nothing here');
  return (
    <>
      <h1>There is nothing at this address</h1>
      <p>
        <Link href="/">All jobs are here.</Link>
      </p>
    </>
  );
}
