"""A small panel of genotypes in every format, with phenotypes, and a configuration for it."""

import numpy as np
import pandas as pd
from bed_reader import to_bed

INDIVIDUALS, MARKERS = 60, 40
CONFIG = {
    "datasets": {
        "crop": {
            "genotypes": "input/panel.vcf",
            "phenotypes": "input/phenotypes.csv",
            "traits": ["height", "yield"],
            "covariates": ["place"],
            "columns": {"id": "line", "group": "family"},
            "filters": {
                "marker_call_rate": 0.5,
                "minor_allele_frequency": 0.01,
                "duplicate_markers": "drop",
                "ld": {"r2": 0.99},
            },
            "task": "regression",
            "split": {"method": "group", "folds": 3},
            "models": ["dnn", "gblup", "mean"],
        },
        "cases": {
            "genotypes": "input/panel.hmp.txt",
            "phenotypes": "input/phenotypes.csv",
            "traits": ["health"],
            "positive": "sick",
            "task": "binary",
            "models": ["dlgwas", "gblup"],
        },
    },
    "models": {
        "dnn": {"architecture": "dnn_markers", "dense_units": [8], "training": {"epochs": 3}},
        "dlgwas": {"architecture": "dlgwas", "activation": "relu"},
        "gblup": {"baseline": "gblup"},
        "mean": {"baseline": "mean"},
    },
    "training": {"epochs": 2},
}


def dosages():
    """Copies of C, int8, -1 where missing; marker 0 does not vary, marker 7 repeats marker 6."""
    rng = np.random.default_rng(1)
    families = rng.random((12, MARKERS))
    drawn = rng.binomial(2, np.repeat(families, INDIVIDUALS // 12, axis=0))
    drawn[rng.random(drawn.shape) < 0.05] = -1
    drawn[:, 0], drawn[:, 7] = 0, drawn[:, 6]
    drawn[0, 0] = -1
    return drawn.astype(np.int8)


def write_panel(folder):
    """The same genotypes in every format, with phenotypes."""
    folder.mkdir()
    given = dosages()
    names = [f"{row:03d}" for row in range(INDIVIDUALS)]
    markers = [f"m{number}" for number in range(MARKERS)]
    places = [(f"{1 + number // 20}", 100 + 10 * number) for number in range(MARKERS)]
    call = {0: "0/0", 1: "0|1", 2: "1/1", -1: "./."}
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=1>", "##contig=<ID=2>"]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines += [
        "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *names])
    ]
    hapmap = ["\t".join(["rs#", "alleles", "chrom", "pos", *"abcdefg", *names])]
    pair = {0: "AA", 1: "AC", 2: "CC", -1: "NN"}
    for marker, (chrom, position), column in zip(markers, places, given.T, strict=True):
        lines.append(
            f"{chrom}\t{position}\t{marker}\tA\tC\t.\t.\t.\tGT\t"
            + "\t".join(call[x] for x in column)
        )
        hapmap.append(
            f"{marker}\tC/A\t{chrom}\t{position}\t"
            + "\t".join([*"+......", *(pair[x] for x in column)])
        )
    (folder / "panel.vcf").write_text("\n".join(lines) + "\n")
    (folder / "panel.hmp.txt").write_text("\n".join(hapmap) + "\n")
    number = pd.DataFrame(given, index=names, columns=markers).astype("str").replace("-1", "NA")
    number.to_csv(folder / "rows.csv", index_label="line")
    number.T.to_csv(folder / "columns.tsv", sep="\t", index_label="marker")
    chroms, positions = zip(*places, strict=True)
    table = pd.DataFrame({"SNP": markers, "Chromosome": chroms, "Position": positions})
    table.to_csv(folder / "map.tsv", sep="\t", index=False)
    to_bed(
        folder / "panel.bed",
        np.where(given < 0, np.nan, given),
        properties={
            "iid": names,
            "fid": names,
            "sid": markers,
            "chromosome": chroms,
            "bp_position": positions,
            "allele_1": ["C"] * MARKERS,
            "allele_2": ["A"] * MARKERS,
        },
    )
    rng = np.random.default_rng(2)
    causal = np.maximum(given[:, [5, 21, 33]], 0).sum(axis=1)
    phenotypes = pd.DataFrame(
        {
            "line": names,
            "height": 100 + 5 * causal + rng.normal(size=INDIVIDUALS),
            "yield": rng.normal(size=INDIVIDUALS),
            "place": rng.choice(["north", "south"], INDIVIDUALS),
            "family": [f"f{row // 5}" for row in range(INDIVIDUALS)],
            "health": np.where(causal > np.median(causal), "sick", "well"),
        }
    )
    phenotypes.loc[phenotypes["place"] == "north", "height"] += 50
    phenotypes.loc[::7, "yield"] = np.nan
    phenotypes = phenotypes.drop(index=3)
    phenotypes.loc[99] = ["stranger", 1, 1, "north", "f0", "well"]
    phenotypes.to_csv(folder / "phenotypes.csv", index=False, na_rep="NA")
