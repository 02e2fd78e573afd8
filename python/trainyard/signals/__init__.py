"""Stop signals: how they reach a busy trainer at once, and how a process ends that does not follow one."""
