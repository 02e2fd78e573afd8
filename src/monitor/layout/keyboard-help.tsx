import { useEffect, useRef } from 'react';

const KEYS: readonly (readonly [keys: string, action: string])[] = [
  ['/', 'Search the jobs'],
  ['↓ ↑', 'Move between the jobs'],
  ['Space', 'Select the focused job'],
  ['Enter', 'Open the focused job'],
  ['Alt + ↓ ↑', 'Move the focused job of the queue'],
  ['c', 'Compare the selected jobs'],
  ['?', 'Show these keys'],
];

/** The keys of the page, which `?` shows; `c` opens the comparison of the selected jobs. */
export function KeyboardHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      const isTyping = target instanceof Element && target.matches('input:not([type=checkbox]), textarea, select');
      if (isTyping || ctrlKey || metaKey || altKey) return;
      if (key === '?' && dialog.current?.open === false) dialog.current.showModal();
      if (key === 'c') document.querySelector<HTMLElement>('.selection-bar a')?.click();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <dialog ref={dialog} className="card dialog" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl className="keys">
        {KEYS.map(([keys, action]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" className="dialog-buttons">
        <button className="button" autoFocus>
          Close
        </button>
      </form>
    </dialog>
  );
}
