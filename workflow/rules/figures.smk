# From tables to figures. Every group of figures has a rule of its own, draw_<group>; which groups a
# study has, and what belongs to each, says basewise/config/figures.py.
#
# Input:  a table in evaluation/, tuning/ or results/comparison/
# Output: the figure beside it, as SVG and PNG

for group, drawing in drawings.items():

    rule:
        name:
            f"draw_{group}"
        input:
            **drawing.tables,
        output:
            **{
                f"{name}_svg": report(
                    f"{drawing.folder}/{name}.svg",
                    caption=f"../report/{name}.rst",
                    category="{dataset}" if drawing.wildcards else "all datasets",
                    subcategory=drawing.subcategory,
                    labels={"figure": title, **drawing.labels},
                )
                for name, title in drawing.figures.items()
            },
            **{f"{name}_png": f"{drawing.folder}/{name}.png" for name in drawing.figures},
        log:
            f"results/logs/draw_{group}{drawing.place}.log",
        benchmark:
            f"results/benchmarks/draw_{group}{drawing.place}.jsonl"
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
            code=step_code("draw_figures"),
        message:
            drawing.message
        script:
            "../../scripts/draw_figures.py"
