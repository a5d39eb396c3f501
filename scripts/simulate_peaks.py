from basewise.seeds import generator
from basewise.sequences import write_genome
from basewise.simulate import simulate_peaks
from basewise.steps import logged, replacing

with logged(snakemake.log[0]):
    peaks = simulate_peaks(generator(snakemake.params.root_seed, "simulate_peaks"))
    with replacing(snakemake.output.genome) as path:
        write_genome(path, peaks.genome)
    with replacing(snakemake.output.regions) as path:
        peaks.regions.to_csv(path, sep="\t", index=False, header=False)
    with replacing(snakemake.output.labels) as path:
        peaks.labels.to_csv(path, sep="\t", index=False)
