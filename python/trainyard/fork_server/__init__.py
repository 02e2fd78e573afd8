"""A server that starts trainings in milliseconds: it has the libraries of the trainers imported, and forks.

``python -m trainyard.fork_server`` implements "Fork server" of ``src/runner/PROTOCOL.md``. The runner starts it, and it
outlives the runner. A forked process is the supervisor of a job, which forks its trainer: both run the code that they
run without a fork server, and look the same from outside. Linux only.
"""
