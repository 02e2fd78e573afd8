"""People's own training scripts as trainers.

``folder`` finds them, ``describe`` says what each one accepts without running it, ``arguments`` converts the settings
of a job to an argument list, and ``run`` runs the script inside the trainer process.
"""
