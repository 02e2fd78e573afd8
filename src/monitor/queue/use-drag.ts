import { type DragEvent, useState } from 'react';

/** The position at which a dragged row would be dropped. */
export interface DropPlace {
  readonly id: string;
  readonly side: 'BEFORE' | 'AFTER';
}

/** The drag of one row of a list. */
export interface Drag {
  readonly dragged: string | null;
  readonly place: DropPlace | null;
  /** Properties for the element of a row. */
  rowProperties(id: string): {
    readonly onDragStart: (event: DragEvent<HTMLElement>) => void;
    readonly onDragOver: (event: DragEvent<HTMLElement>) => void;
    readonly onDrop: (event: DragEvent<HTMLElement>) => void;
    readonly onDragEnd: () => void;
  };
}

/** Lets a user drag rows of a list to other places. @param onDrop called with the row and its new place */
export function useDrag(onDrop: (id: string, place: DropPlace) => void): Drag {
  const [dragged, setDragged] = useState<string | null>(null);
  const [place, setPlace] = useState<DropPlace | null>(null);

  /** From the event, not from the state: a drop can come before the page has drawn the last movement. */
  function placeAt(id: string, { clientY, currentTarget }: DragEvent<HTMLElement>): DropPlace {
    const { top, height } = currentTarget.getBoundingClientRect();
    return { id, side: clientY < top + height / 2 ? 'BEFORE' : 'AFTER' };
  }

  function end(): void {
    setDragged(null);
    setPlace(null);
  }

  return {
    dragged,
    place,
    rowProperties: (id) => ({
      onDragStart(event) {
        event.dataTransfer.effectAllowed = 'move';
        // Firefox starts no drag without data.
        event.dataTransfer.setData('text/plain', id);
        setDragged(id);
      },
      onDragOver(event) {
        if (dragged === null) return;
        event.preventDefault();
        const next = placeAt(id, event);
        if (place?.id !== id || place.side !== next.side) setPlace(next);
      },
      onDrop(event) {
        event.preventDefault();
        if (dragged !== null && id !== dragged) onDrop(dragged, placeAt(id, event));
        end();
      },
      onDragEnd: end,
    }),
  };
}
