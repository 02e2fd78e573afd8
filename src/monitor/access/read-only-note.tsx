/** Explains to a viewer why the page has no actions. */
export function ReadOnlyNote() {
  return <p className="hint">Your role is viewer: read-only access.</p>;
}
