/**
 * The rights of a user. A `viewer` reads. An `operator` also starts jobs, and stops, resumes, edits and deletes its own. An `admin`
 * may do everything.
 */
export type Role = 'viewer' | 'operator' | 'admin';
