"""What is told of jobs that a signal has ended; the texts are Snakemake 9.27's own."""

from basewise.config.failures import killed_jobs

KILLED = """
RuleException:
CalledProcessError in file "/home/me/basewise/workflow/rules/training.smk", line 6:
Command 'set -euo pipefail;  python tmp780q49u2.train_network.py' died with <Signals.{}: 9>.
[Mon Nov 30 19:12:59 2026]
Error in rule {}:
    message: None
    jobid: 1
    output: a
    log: {} (check log file(s) for error details)
"""

MISTAKEN = KILLED.replace("died with <Signals.{}: 9>", "returned non-zero exit status 1")


def test_a_job_that_a_signal_ended_has_its_cause_and_its_log(tmp_path):
    log = tmp_path / "snakemake.log"
    log.write_text(
        MISTAKEN.format("join_labels", "logs/join.log")
        + KILLED.format("SIGKILL", "train_conv1d", "logs/train.log")
        + KILLED.format("SIGABRT", "draw_models", "logs/draw.log")
    )
    assert killed_jobs([str(log)]) == [
        "Error: train_conv1d was killed from outside, most often since it took more memory than "
        "there is (SIGKILL); its log is logs/train.log",
        "Error: draw_models was aborted by a library, which may have written why (SIGABRT); its "
        "log is logs/draw.log",
    ]
