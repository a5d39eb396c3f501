from basewise.core.jobs import logged
from basewise.core.seeds import generator
from basewise.examples.simulation import peak_motifs, simulate_new, simulate_peaks
from basewise.sequences.fasta import write_genome
from basewise.store.receipts import writing

with logged(snakemake.log[0]):
    root_seed = snakemake.params.root_seed
    peaks = simulate_peaks(generator(root_seed, "simulate_peaks"))
    new = simulate_new(generator(root_seed, "simulate_new"), peaks)
    with writing(snakemake.output.genome) as path:
        write_genome(path, peaks.genome)
    with writing(snakemake.output.regions) as path:
        peaks.regions.to_csv(path, sep="\t", index=False, header=False)
    with writing(snakemake.output.labels) as path:
        peaks.labels.to_csv(path, sep="\t", index=False)
    with writing(snakemake.output.motifs) as path:
        path.write_text(peak_motifs())
    with writing(snakemake.output.new) as path:
        path.write_text("".join(f">{row.id}\n{row.sequence}\n" for row in new.itertuples()))
