"""A work folder of someone else: what lies in it is data, and none of it runs."""

import pytest
from support import small_config

MODULES = (".snakemake/scripts/pandas.py", "pandas.py", "numpy.py", "snakemake.py", "basewise.py")
"""Where a step looked for modules first: the folder of its script, and that it works in."""


@pytest.mark.slow
def test_modules_in_a_work_folder_never_run(workflow):
    ran = workflow.folder / "ran"
    for name in MODULES:
        path = workflow.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(ran)!r}, 'a').write(__name__)\nraise SystemExit(3)\n")
    configfile = workflow.write_config(small_config())

    done = workflow.snakemake("results/peaks/examples/examples.parquet", "--configfile", configfile)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (workflow.folder / "results/peaks/examples/examples.parquet").exists()
    assert not ran.exists()
