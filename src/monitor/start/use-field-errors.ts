import { type RefObject, useState } from 'react';

/** Errors next to the fields of a form: at most one at a time. */
export interface FieldErrors {
  /** The error of a field; null if it has none. */
  errorFor(field: string): string | null;
  /** Shows an error at its field, which gets the focus; sections around it open. */
  show(field: string, message: string): void;
  clear(): void;
}

/** The errors of the fields in `form`. A name that the form does not have stands for something that the form as a whole shows. */
export function useFieldErrors(form: RefObject<HTMLFormElement | null>): FieldErrors {
  const [error, setError] = useState<{ readonly field: string; readonly message: string } | null>(null);
  return {
    errorFor: (field) => (error?.field === field ? error.message : null),
    clear: () => setError(null),
    show(field, message) {
      setError({ field, message });
      const element = form.current?.elements.namedItem(field);
      if (!(element instanceof HTMLElement)) return;
      openSections(element);
      element.focus();
    },
  };
}

/** Opens the sections around a field: a field in a closed one cannot get the focus. */
export function openSections(field: Element): void {
  for (let box = field.closest('details'); box; box = box.parentElement?.closest('details') ?? null) box.open = true;
}
