"""Callbacks that report the training of a library. One module per library; nothing is imported before you import it.

Each callback takes a ``Reporter``, by default that of the job of this process, and does nothing outside a job.
"""
