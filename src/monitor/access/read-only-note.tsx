/** Explains to a viewer why the page has no actions. */
export function ReadOnlyNote() {
  return <p className="hint">Your role is viewer: you can read everything, and change nothing.</p>;
}
