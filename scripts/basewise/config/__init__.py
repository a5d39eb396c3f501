"""What a user may write, and what follows from it before any job runs.

The workflow loads this package while Snakemake reads the rules, under a name of its own: it imports
nothing of the library, and neither NumPy nor pandas.
"""
