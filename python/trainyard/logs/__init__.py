"""Log files of jobs: formatting, rotation, and the standard output of a trainer."""
