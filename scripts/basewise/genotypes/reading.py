"""Genotypes of any format that the workflow reads."""

from pathlib import Path

from basewise.core.errors import InputError
from basewise.core.files import lines_of, reading
from basewise.core.missing import Codes
from basewise.core.text import check_names
from basewise.genotypes.calls import Genotypes
from basewise.genotypes.dosage_tables import read_dosages
from basewise.genotypes.hapmap import is_hapmap, read_hapmap
from basewise.genotypes.plink import MAGIC as PLINK
from basewise.genotypes.plink import beside, read_plink
from basewise.genotypes.vcf import BINARY, is_vcf, read_vcf

VCF_NAMES = (".vcf", ".vcf.gz", ".vcf.bgz", ".bcf")


def is_named_vcf(name: str | Path) -> bool:
    """Whether a file is VCF or BCF by its name: its alleles are those of the plus strand."""
    return Path(name).name.lower().endswith(VCF_NAMES)


def read_genotypes(
    path: str | Path,
    *,
    individuals: str = "rows",
    map: str | Path | None = None,
    missing: Codes = (),
    with_constant: bool = False,
    heterozygous: bool = False,
) -> Genotypes:
    """Read genotypes of any format; for tables of numbers see `dosage_tables.read_dosages`.

    VCF or BCF (`vcf`), the ``.bed`` of a PLINK file set (`plink`), HapMap text (`hapmap`) or a
    table of numbers. PLINK goes by the name of the file, the others by the name in any case or by
    the first line, whatever the name. `with_constant` is of VCF, see `vcf.read_vcf`.

    Raises
    ------
    InputError
        When the file is not what its name says, and for what the readers find.
    """
    name = Path(path).name.lower()
    if name.endswith((".bim", ".fam")):
        raise InputError("is one of three PLINK files; name the .bed", path)

    vcf, plink, hapmap = is_named_vcf(name), name.endswith(".bed"), False
    if not (vcf or plink):
        with reading(path) as stream:
            first = stream.readline()
        if first.startswith(PLINK):
            raise InputError("holds PLINK genotypes; let the name of the file end in .bed", path)
        if not first.startswith(BINARY):
            with reading(path) as stream:
                first = next(lines_of(stream, path), b"")
        vcf = is_vcf(first)
        hapmap = ".hmp" in name or is_hapmap(first)

    if not (vcf or plink or hapmap):
        genotypes = read_dosages(
            path, individuals=individuals, map=map, missing=missing, heterozygous=heterozygous
        )
    elif map is not None:
        raise InputError("brings the places of its markers; leave out `map`", path)
    elif vcf:
        genotypes = read_vcf(path, with_constant=with_constant)
    else:
        genotypes = read_plink(path) if plink else read_hapmap(path)

    individuals_file, markers_file = (
        (beside(Path(path), ".fam"), beside(Path(path), ".bim")) if plink else (path, path)
    )
    lines, markers = genotypes.individuals["line"], genotypes.markers
    check_names(genotypes.individuals["id"], "id", individuals_file, lines)
    for name in ("marker", "chrom"):
        check_names(markers[name], name, markers_file, markers["line"])
    return genotypes
