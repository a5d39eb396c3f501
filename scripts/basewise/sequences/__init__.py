"""Letters and intervals: alphabets, FASTA, genomes, windows, k-mers, motifs, shuffling."""
