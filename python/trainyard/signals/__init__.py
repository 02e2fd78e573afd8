"""Stop signals: deliver them to a busy trainer immediately, and end a process that ignores them."""
