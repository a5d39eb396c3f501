"""The page of new scores: what was scored and what was not, how scores lie, the top hits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow import parquet

from basewise import __version__
from basewise.config.yaml_files import parse_untrusted
from basewise.core.arrays import Floats
from basewise.core.files import replacing
from basewise.evaluation.headlines import shown_headlines
from basewise.figures.drawing import save_figure
from basewise.figures.scored import HELD_OUT, NEW, scored_figure
from basewise.report.figures import image_of
from basewise.report.page import render_plain_page
from basewise.scoring.checking import CARD, check_bundle
from basewise.scoring.checking import HELD_OUT as HELD_OUT_SCORES
from basewise.store.bundles import CHECKSUMS, Bundle
from basewise.store.contracts import Contract
from basewise.store.receipts import checked
from basewise.store.tables import OUTPUT, score_column, write_table

AT_ONCE = 100_000
"""Rows of the table that are in memory."""

BARS = 50
"""Of the distribution of an output."""

TOP = 20
"""Rows that are shown of each output."""

SHOWN_OUTPUTS, SHOWN_REASONS = 12, 10
"""Outputs and reasons that the page shows; the table has all."""

MEASURES = 3
"""Of the model on its own test part, as many as the page names."""

PLACES = ("id", "chrom", "start", "end", "strand")
"""Columns that tell which row it is; a table has some of them."""


class Summary(NamedTuple):
    """What a table of scores holds.

    Attributes
    ----------
    rows, scored
        How many, and how many of them have a score.
    columns
        Names of the columns of the table.
    reasons, flags
        Why rows have no score, and what is noted of the others, with their numbers.
    decisions
        Output to its decisions with their numbers; of several classes, under ``label``.
    histogram
        output, of (`NEW` or `HELD_OUT`), low, high, count, share.
    top
        Output to its rows with the highest scores; of numbers, with the lowest below them.
    """

    rows: int
    scored: int
    columns: Sequence[str]
    reasons: Counter[str]
    flags: Counter[str]
    decisions: Mapping[str, Counter[str]]
    histogram: pd.DataFrame
    top: Mapping[str, pd.DataFrame]


def write_score_page(
    paths: Mapping[str, str], *, name: str, scores: str, bundle: str | Path, source: str
) -> None:
    """Write the page of the scores that one entry of `score` asked for, and its figure.

    Parameters
    ----------
    paths
        Where to write ``page``, ``histogram`` (the table of the figure), ``svg`` and ``png``.
    name, source
        What the entry is called; the file of new examples as the user wrote it.
    scores
        The table of scores as Parquet; read some rows at a time.
    bundle
        That of the model: a zip, or the list of members of one that is unpacked.
    """
    place = Path(bundle).parent if Path(bundle).name == CHECKSUMS else Path(bundle)
    # no network is loaded here; whether its code may run was asked before it scored
    contract, members = check_bundle(place, trust_code=True)
    held_out = pd.read_parquet(BytesIO(members.read(HELD_OUT_SCORES)))
    summary = summarize(scores, contract, held_out)

    write_table(summary.histogram, paths["histogram"])
    words = f"Scores of {contract.title} for {Path(source).name}"
    chart = scored_figure(summary.histogram, is_number=contract.task == "regression")
    save_figure(chart.properties(description=words), paths["svg"], paths["png"])

    measures = _measures(_of_card(members), contract.task)
    html = render_plain_page(
        "scored.html",
        {
            "version": __version__,
            "name": name,
            "source": Path(source).name,
            "bundle": place.name,
            "contract": contract,
            "measures": measures,
            "noun": _noun(contract, summary),
            "summary": summary,
            "reasons": summary.reasons.most_common(SHOWN_REASONS),
            "decisions": _called(summary),
            "tables": [_table(output, rows) for output, rows in summary.top.items()],
            "picture": image_of(Path(paths["svg"])),
            "words": words,
        },
    )
    with replacing(paths["page"]) as unfinished:
        unfinished.write_text(html, encoding="utf-8")


def summarize(scores: str | Path, contract: Contract, held_out: pd.DataFrame) -> Summary:
    """Count what a table of scores holds, and keep its top hits.

    `held_out` are scores of test examples that are not of the class: output, score.
    """
    file = parquet.ParquetFile(checked(scores))
    outputs = list(contract.outputs)[:SHOWN_OUTPUTS]
    ends = _ends(file, contract, outputs)
    edges = {output: np.linspace(*ends[output], BARS + 1) for output in outputs}
    counts = {output: np.zeros(BARS, dtype=np.int64) for output in outputs}
    reasons, flags = Counter[str](), Counter[str]()
    decided = [name for name in file.schema_arrow.names if name.startswith("decision")]
    decisions = {name.partition(".")[2] or OUTPUT: Counter[str]() for name in decided}
    top: dict[str, pd.DataFrame] = {}
    scored = 0

    for batch in file.iter_batches(AT_ONCE):
        table = batch.to_pandas()
        reasons.update(table["reason"][table["reason"].fillna("") != ""])
        with_score = table[table["reason"].fillna("") == ""]
        scored += len(with_score)
        flags.update(_flags(with_score["flags"]))
        for name in decided:
            decisions[name.partition(".")[2] or OUTPUT].update(with_score[name].dropna())
        for output in outputs:
            values = with_score[score_column(output)]
            counts[output] += np.histogram(values.dropna(), edges[output])[0]
            rows = [top[output], with_score] if output in top else [with_score]
            top[output] = _extreme(pd.concat(rows), output, contract.task == "regression")

    bars = [_bars(output, NEW, edges[output], counts[output]) for output in outputs]
    for output in outputs:
        known = held_out.loc[held_out["output"] == output, "score"]
        if len(known):
            bars.append(
                _bars(output, HELD_OUT, edges[output], np.histogram(known, edges[output])[0])
            )
    names = file.schema_arrow.names
    histogram = pd.concat(bars, ignore_index=True)
    return Summary(file.metadata.num_rows, scored, names, reasons, flags, decisions, histogram, top)


def _ends(
    file: parquet.ParquetFile, contract: Contract, outputs: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Lowest and highest score of each output; 0 and 1 of classes."""
    if contract.task != "regression":
        return dict.fromkeys(outputs, (0.0, 1.0))
    ends = dict.fromkeys(outputs, (np.inf, -np.inf))
    for batch in file.iter_batches(AT_ONCE, columns=[*map(score_column, outputs)]):
        for output, (low, high) in ends.items():
            values = batch[score_column(output)].to_numpy(zero_copy_only=False)
            known = values[np.isfinite(values)]
            if len(known):
                ends[output] = (min(low, known.min()), max(high, known.max()))
    return {
        output: ends[output] if np.isfinite(ends[output][0]) else (0.0, 1.0) for output in outputs
    }


def _flags(flags: pd.Series) -> Counter[str]:
    """How often each flag stands in a column of them."""
    together = flags.fillna("").value_counts()
    counts = Counter[str]()
    for text, count in together.items():
        for flag in filter(None, str(text).split("; ")):
            counts[flag] += int(count)
    return counts


def _extreme(table: pd.DataFrame, output: str, is_number: bool) -> pd.DataFrame:
    """The rows with the highest scores; of numbers, half of them with the lowest."""
    column = score_column(output)
    known = table[table[column].notna()].sort_values([column, "row"], ascending=[False, True])
    if not is_number:
        return known.head(TOP)
    if len(known) <= TOP:
        return known
    return pd.concat([known.head(TOP // 2), known.tail(TOP // 2)])


def _bars(output: str, of: str, edges: Floats, counts: NDArray[np.int64]) -> pd.DataFrame:
    share = counts / max(counts.sum(), 1)
    low, high = edges[:-1], edges[1:]
    return pd.DataFrame(
        {"output": output, "of": of, "low": low, "high": high, "count": counts, "share": share}
    )


def _of_card(bundle: Bundle) -> dict[str, str]:
    """Measures in the front matter of a bundle's card, which may be a stranger's."""
    text = bundle.read(CARD).decode("utf-8", "replace")
    card = parse_untrusted(text.removeprefix("---\n").partition("\n---\n")[0])
    measures = card.get("measures") if isinstance(card, dict) else None
    if not isinstance(measures, dict):
        raise bundle.fault(CARD, "is not what basewise writes")
    return {str(metric): str(value) for metric, value in measures.items()}


def _measures(of_card: Mapping[str, str], task: str) -> list[tuple[str, str]]:
    """Titles of the measures that a task is judged by first, with the values of the card."""
    headlines = shown_headlines(task, of_card)
    return [(one.title, of_card[one.metric]) for one in headlines if one.metric in of_card][
        :MEASURES
    ]


def _noun(contract: Contract, summary: Summary) -> str:
    if contract.alphabet == "genotype":
        return "individual"
    return "region" if "chrom" in summary.columns else "sequence"


def _called(summary: Summary) -> list[tuple[str, list[tuple[str, int]]]]:
    """Outputs with their decisions and the numbers of these, most frequent first."""
    return [
        (output, counts.most_common()) for output, counts in summary.decisions.items() if counts
    ]


def _table(output: str, rows: pd.DataFrame) -> dict[str, Any]:
    """The top hits of an output, as text for cells."""
    of_output = [f"{what}.{output}" for what in ("score", "spread", "probability")]
    of_output += [f"{what}.{output}" for what in ("low", "high", "decision", "percentile")]
    names = [*PLACES, *of_output, "decision", f"reliability.{output}", "filled", "flags"]
    titles = {name: name.removesuffix(f".{output}") for name in names if name in rows.columns}
    cells = [[_cell(row[name]) for name in titles] for row in rows.to_dict("records")]
    numbers = [pd.api.types.is_numeric_dtype(rows[name]) for name in titles]
    return {"output": output, "titles": list(titles.values()), "numbers": numbers, "rows": cells}


def _cell(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
