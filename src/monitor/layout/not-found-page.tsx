import { Link } from 'wouter';
import { usePageTitle } from './page-title.ts';

/** The page for unknown URLs. */
export function NotFoundPage() {
  usePageTitle('Page not found');
  return (
    <>
      <h1>Page not found</h1>
      <p>
        <Link href="/">Go to all jobs</Link>
      </p>
    </>
  );
}
