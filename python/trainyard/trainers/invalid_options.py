"""The error for options that a trainer cannot use."""

from __future__ import annotations


class InvalidOptionsError(ValueError):
    """An option is unknown, does not fit the other options, or asks for what the machine does not have."""

    is_for_users = True
