from basewise.core.files import replacing
from basewise.core.jobs import logged
from basewise.core.seeds import generator
from basewise.examples.simulation import peak_motifs, simulate_peaks
from basewise.sequences.fasta import write_genome

with logged(snakemake.log[0]):
    peaks = simulate_peaks(generator(snakemake.params.root_seed, "simulate_peaks"))
    with replacing(snakemake.output.genome) as path:
        write_genome(path, peaks.genome)
    with replacing(snakemake.output.regions) as path:
        peaks.regions.to_csv(path, sep="\t", index=False, header=False)
    with replacing(snakemake.output.labels) as path:
        peaks.labels.to_csv(path, sep="\t", index=False)
    with replacing(snakemake.output.motifs) as path:
        path.write_text(peak_motifs())
