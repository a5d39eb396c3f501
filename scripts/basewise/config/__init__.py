"""What a user may write in a configuration, and the runs that it plans.

The workflow imports this package under a name of its own (`workflow/rules/setup.smk`), so its
modules import each other relatively, and nothing else of the library.
"""
