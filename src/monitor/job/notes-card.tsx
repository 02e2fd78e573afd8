import { useState } from 'react';
import { useRights } from '../access/rights.ts';
import type { JobDetailFragment, UpdateJobInput } from '../graphql/graphql.ts';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { createNoteDrafts } from './note-drafts.ts';
import { UpdateDocument } from './operations.ts';

/** Form for the name, tags and notes of a job. */
export function NotesCard({ job }: { job: JobDetailFragment }) {
  const session = useSession();
  const canChange = useRights().canChangeJobOf(job.startedBy);
  const drafts = session.getOrCreate(createNoteDrafts);
  const [isChanged, setChanged] = useState(drafts.has(job.id));
  const [draft] = useState(drafts.get(job.id) ?? {});
  const save = useAction(async (form: FormData) => {
    const text = (name: string) => {
      const value = form.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const tags = text('tags')
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
    // Only changed fields: another user may have changed the others.
    const input: UpdateJobInput = {
      id: job.id,
      ...(text('name') !== (job.name ?? '') && { name: text('name') || null }),
      ...(tags.join() !== job.tags.join() && { tags }),
      ...(text('notes') !== job.notes && { notes: text('notes') }),
    };
    const { updateJob: result } = await session.mutate(UpdateDocument, { input });
    if ('message' in result) return result.message;
    drafts.delete(job.id);
    setChanged(false);
    return null;
  });
  return (
    <section className="card notes" aria-labelledby="notes-title">
      <h2 id="notes-title">Name, tags and notes</h2>
      <form
        onChange={({ currentTarget }) => {
          if (!canChange) return;
          drafts.set(job.id, Object.fromEntries(new FormData(currentTarget)));
          setChanged(true);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          // Enter submits a form without a button too.
          if (canChange) save.run(new FormData(event.currentTarget));
        }}
      >
        <label className="field">
          <span>Name</span>
          <input
            name="name"
            readOnly={!canChange}
            defaultValue={draft.name ?? job.name ?? ''}
            maxLength={200}
            autoComplete="off"
          />
        </label>
        <label className="field">
          <span>Tags, separated by commas</span>
          <input
            name="tags"
            readOnly={!canChange}
            defaultValue={draft.tags ?? job.tags.join(', ')}
            autoComplete="off"
          />
        </label>
        <label className="field">
          <span>Notes</span>
          <textarea
            name="notes"
            readOnly={!canChange}
            rows={4}
            defaultValue={draft.notes ?? job.notes}
            maxLength={10_000}
          />
        </label>
        {save.error !== null && (
          <p className="error-text" role="alert">
            {save.error}
          </p>
        )}
        {canChange && (
          <div className="notes-save">
            <button className="button" disabled={save.isBusy}>
              Save
            </button>
            <span role="status" className="hint">
              {isChanged ? 'Not saved yet.' : save.isDone && 'Saved.'}
            </span>
          </div>
        )}
      </form>
    </section>
  );
}
