"""The profiles for Kubernetes, AWS Batch and Google Batch, by dry runs without an account."""

import pytest
import yaml
from support import ROOT, Workflow

PYTHON = ROOT / ".engines" / "bin" / "python"
ENGINES = ["kubernetes", "aws-batch", "googlebatch"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_profile_parses_and_plans_the_demo(engine, tmp_path):
    if not (ROOT / ".engines" / "ready").exists():
        pytest.skip("needs the plugins of the engines: make engines")
    workflow = Workflow.copied_to(tmp_path / "copy")
    # A folder in place of the bucket, which takes no credentials.
    storage = ["--default-storage-provider", "fs", "--default-storage-prefix", str(tmp_path)]
    done = workflow.snakemake(
        "-n", "--workflow-profile", f"profiles/{engine}", *storage, python=str(PYTHON)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plan = done.stdout + done.stderr
    assert f"{tmp_path}/results/report.html (in storage)" in plan
    assert ("gpu_manufacturer=nvidia, scale=0" in plan) == (engine == "kubernetes")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_profile_names_what_an_engine_cannot_do_without(engine):
    profile = yaml.safe_load((ROOT / "profiles" / engine / "profile.yaml").read_text())
    assert profile["executor"] == engine
    assert profile["default-storage-provider"] in ("s3", "gcs")
    image = profile.get("container-image") or profile["googlebatch-container"]
    assert "basewise" in image
