"""Training scripts of users as trainers.

``folder`` finds them, ``describe`` lists the settings of each without running it, ``arguments`` converts the settings
of a job to an argument list, and ``run`` runs the script inside the trainer process.
"""
