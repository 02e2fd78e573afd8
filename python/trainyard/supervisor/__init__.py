"""The supervisor: the parent process of one trainer, which records how the trainer ends."""
