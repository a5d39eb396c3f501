import pandas as pd

from basewise.core.jobs import logged
from basewise.examples.simulation import (
    likelihood_ratio,
    population_ceiling,
    promoter_motifs,
    simulate_promoters,
)
from basewise.store.receipts import writing

with logged(snakemake.log[0]):
    promoters = simulate_promoters()
    with writing(snakemake.output.sequences) as path:
        path.write_text("".join(f"{sequence}\n" for sequence in promoters.sequences))
    with writing(snakemake.output.labels) as path:
        path.write_text("".join(f"{label}\n" for label in promoters.labels))
    ratio = likelihood_ratio(promoters.sequences)
    ids = [f"line{number}" for number in range(1, len(ratio) + 1)]
    with writing(snakemake.output.ceiling) as path:
        pd.DataFrame({"id": ids, "score": ratio / (1 + ratio)}).to_csv(path, sep="\t", index=False)
    with writing(snakemake.output.population) as path:
        population_ceiling().to_csv(path, sep="\t", index=False)
    with writing(snakemake.output.motifs) as path:
        path.write_text(promoter_motifs())
