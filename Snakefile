# basewise: labelled DNA in, one report out. Stages run left to right:
#
#   extract -> join labels -> encode -> split -> audit -> train -> evaluate -> compare -> report
#
# Every file is results/<dataset>/<stage>/...; docs/spec.md says what each one holds.

from snakemake.utils import min_version

min_version("9.19")

# A configuration given with --configfile stands alone; without one the demo runs.
if not workflow.configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/checkout.smk"
include: "workflow/rules/config.smk"
include: "workflow/rules/fits.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/code_digest.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/records.smk"
include: "workflow/rules/demo.smk"
include: "workflow/rules/sequences.smk"
include: "workflow/rules/genotypes.smk"
include: "workflow/rules/tensors.smk"
include: "workflow/rules/searches.smk"
include: "workflow/rules/tuning.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/ensembles.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/report.smk"


report: "workflow/report/workflow.rst"


rule all:
    input:
        "results/report.html",
        "results/metrics.tsv",
        "results/multiqc/basewise_models_mqc.tsv",
        "results/provenance/ro-crate-metadata.json",


rule tensors:
    input:
        expand("results/{dataset}/tensors", dataset=DATASETS),
        fold_files("splits", ".tsv"),
        fold_files("leakage", ".tsv"),


rule models:
    input:
        run_files("scores.parquet"),
