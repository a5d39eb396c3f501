# basewise: labeled DNA in, one report out. Stages run left to right:
#
#   extract -> join labels -> encode -> split -> audit -> train -> evaluate -> compare -> report
#
# Every file is results/<dataset>/<stage>/...; docs/spec.md says what each one holds. The configuration
# is that of --configfile, or config/config.yaml.

from snakemake.utils import min_version

min_version("9.19")


include: "workflow/rules/setup.smk"
include: "workflow/rules/demo.smk"
include: "workflow/rules/sequences.smk"
include: "workflow/rules/genotypes.smk"
include: "workflow/rules/tensors.smk"
include: "workflow/rules/tuning.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/ensembles.smk"
include: "workflow/rules/examples.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/learning.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/bundles.smk"
include: "workflow/rules/scoring.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/report.smk"


report: "workflow/report/workflow.rst"


rule all:
    input:
        records.final_files(study),
        [drawing.files for drawing in drawings if study.datasets.names],


rule tensors:
    input:
        expand(
            "results/{dataset}/{stage}",
            dataset=study.datasets.names,
            stage=records.FOLDERS,
        ),


rule models:
    input:
        study.all_runs("scores.parquet"),


rule bundles:
    input:
        study.all_bundles,


rule score:
    input:
        study.scores.files,
