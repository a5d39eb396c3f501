import pandas as pd

from basewise.core.files import replacing
from basewise.core.jobs import logged
from basewise.examples.simulation import (
    likelihood_ratio,
    population_ceiling,
    promoter_motifs,
    simulate_promoters,
)

with logged(snakemake.log[0]):
    promoters = simulate_promoters()
    with replacing(snakemake.output.sequences) as path:
        path.write_text("".join(f"{sequence}\n" for sequence in promoters.sequences))
    with replacing(snakemake.output.labels) as path:
        path.write_text("".join(f"{label}\n" for label in promoters.labels))
    ratio = likelihood_ratio(promoters.sequences)
    ids = [f"line{number}" for number in range(1, len(ratio) + 1)]
    with replacing(snakemake.output.ceiling) as path:
        pd.DataFrame({"id": ids, "score": ratio / (1 + ratio)}).to_csv(path, sep="\t", index=False)
    with replacing(snakemake.output.population) as path:
        population_ceiling().to_csv(path, sep="\t", index=False)
    with replacing(snakemake.output.motifs) as path:
        path.write_text(promoter_motifs())
