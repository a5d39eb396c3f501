# From tables to figures. One job draws all that belongs to a dataset's examples, one all that belongs
# to its models; which figures a study has says basewise/config/figures.py.
#
# Input:  a table in evaluation/, tuning/ or results/comparison/
# Output: the figure beside it, as SVG and PNG

for drawing in drawings:

    rule:
        name:
            drawing.rule
        input:
            tables=[picture.table for picture in drawing.pictures],
        output:
            svg=[
                report(
                    picture.file("svg"),
                    caption=f"../report/{picture.figure}.rst",
                    category="{dataset}" if drawing.datasets else "all datasets",
                    subcategory=picture.place,
                    labels=picture.labels,
                )
                for picture in drawing.pictures
            ],
            png=[picture.file("png") for picture in drawing.pictures],
        log:
            f"results/logs/{drawing.folder}.log",
        benchmark:
            f"results/benchmarks/{drawing.folder}.jsonl"
        wildcard_constraints:
            **drawing.wildcards,
        conda:
            "../../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=scaled(1000),
            runtime=scaled(10),
        params:
            **{name: ask(method) for name, method in drawing.settings.items()},
            pictures=[(picture.figure, picture.model) for picture in drawing.pictures],
            code=step_code("draw_figures"),
        message:
            f"Drawing {drawing.what}"
        script:
            "../../scripts/draw_figures.py"
