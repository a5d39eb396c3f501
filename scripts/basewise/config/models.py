"""What each model is, and which datasets it can take."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count
from typing import Any

from .catalog import Catalog, Entry
from .inputs import motif_files, own_files
from .own_code import NETWORK, RULE, place_of
from .yaml_files import expanded

COMPOSITION = "composition_logistic"
"""The baseline that stands beside every network that tells classes of sequences apart."""
ENSEMBLE_CITATION = (
    "Ensemble: the mean of what several trained models say; B. Lakshminarayanan, "
    'A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty estimation '
    'using deep ensembles", NeurIPS 30, 2017.'
)
NOT_SETTINGS = ("architecture", "baseline", "training", "motifs", "tune", "control")
"""Keys of a model that are no settings of its network or estimator."""
LENGTH_SETTINGS = {"kernel_size", "kernel_sizes", "pool_size", "pool_sizes"}
"""Settings that decide how short a sequence a network can take."""


def with_controls(models: dict[str, Entry]) -> dict[str, Entry]:
    """Return `models` with each negative control given the settings of its model.

    A control is not tuned anew, so it has no search.
    """
    return {
        name: _controlled(model, models) if "control" in model else model
        for name, model in models.items()
    }


def with_default_baselines(models: dict[str, Entry], wanted: Iterable[str]) -> dict[str, Entry]:
    """Return `models`, and behind them the wanted baselines that networks lack."""
    complete = dict(models)
    has_composition = any(model.get("baseline") == COMPOSITION for model in models.values())
    if COMPOSITION in wanted and not has_composition:
        complete[_free(COMPOSITION, complete)] = {"baseline": COMPOSITION}

    networks = [model for model in models.values() if "architecture" in model]
    collections = [motif_files(network) for network in networks if motif_files(network)]
    for files in collections if "motif_scan" in wanted else []:
        scans = [model for model in complete.values() if model.get("baseline") == "motif_scan"]
        if files not in [motif_files(scan) for scan in scans]:
            name = _free("motif_scan", complete)
            complete[name] = {"baseline": "motif_scan", "motifs": files}
    return complete


@dataclass(frozen=True)
class Models:
    """All entries of `models` by name, controls with the settings of their models."""

    entries: dict[str, Entry]
    seeds: list[int]
    catalog: Catalog
    defaults: list[str] = field(default_factory=list)
    """Baselines that nobody has named, see `with_default_baselines`."""
    placed: Callable[[str], Any] = str
    """Where a file of the user's lies; a module's prefix moves some."""

    @cached_property
    def ensembles(self) -> list[str]:
        """Models that average others."""
        return [name for name, model in self.entries.items() if "ensemble" in model]

    @cached_property
    def networks(self) -> list[str]:
        """Models that are networks."""
        return [name for name, model in self.entries.items() if "architecture" in model]

    @cached_property
    def baselines(self) -> list[str]:
        """Models that are baselines."""
        return [name for name, model in self.entries.items() if "baseline" in model]

    @cached_property
    def bundled(self) -> list[str]:
        """Models that can be bundled: not controls."""
        return [name for name in self.entries if not self._has_controls(name)]

    def _has_controls(self, model: str) -> bool:
        return any("control" in self.entries[member] for member in self.members(model))

    @cached_property
    def autoencoders(self) -> list[str]:
        """Models that have a latent space to look at."""
        return [name for name in self.networks if "pretraining" in self.registered(name)]

    @cached_property
    def tuned(self) -> list[str]:
        """Models that search for their settings."""
        return [name for name, model in self.entries.items() if "tune" in model]

    def of_kind(self, kind: str, *names: str) -> list[str]:
        """Models that are one of these architectures, or baselines; `RULE` is any of one's own."""
        return [model for model, entry in self.entries.items() if _name(entry.get(kind)) in names]

    def architectures(self, models: Iterable[str] | None = None) -> dict[str, Entry]:
        """Architectures of the models, as the registry has them; those of one's own as one."""
        chosen = self.entries if models is None else models
        named = {_name(self.entries[model].get("architecture")) for model in chosen}
        known = {**self.catalog.architectures, RULE: NETWORK}
        return {name: entry for name, entry in known.items() if name in named}

    def members(self, model: str) -> list[str]:
        """Models that an ensemble averages; of any other model itself."""
        members: list[str] = self.entries[model].get("ensemble", [model])
        return members

    def registered(self, model: str) -> Entry:
        """Return what the registry says about the architecture or baseline that a model is."""
        return self.catalog.registered(self.entries[model])

    def stands_beside(self, baseline: str, models: Iterable[str]) -> bool:
        """Whether a default baseline belongs to these models: to a network, with its motifs."""
        networks = [self.entries[name] for name in models if name in self.networks]
        motifs = motif_files(self.entries[baseline])
        return any(motifs in ([], motif_files(network)) for network in networks)

    # What it can take.

    def fits(self, model: str, dataset: Entry) -> bool:
        """Whether a model can take a dataset's task, letters and, where it is known, length."""
        is_long_enough = dataset["task"] == "per_position" or (
            "window" not in dataset or dataset["window"] >= self.shortest(model)
        )
        suits = self._is_made_for(model, dataset) and not self._is_confused(model, dataset)
        return suits and is_long_enough

    def misfit(self, model: str, dataset: Entry) -> str:
        """Return why a model does not fit a dataset, in the words of a user."""
        kind, shortest = self.registered(model), self.shortest(model)
        if self._is_made_for(model, dataset) and self._is_confused(model, dataset):
            return "reads both strands, where only one has a meaning; take `reverse_complement` out"

        takes = (
            f"takes tasks {', '.join(kind['tasks'])} and alphabets {', '.join(kind['alphabets'])}"
        )
        if shortest > 1:
            return f"{takes}, from {shortest} letters (`adapt: auto` takes fewer)"
        return takes

    def _is_made_for(self, model: str, dataset: Entry) -> bool:
        """Whether a model takes a dataset's task and letters."""
        kind = self.registered(model)
        return dataset["task"] in kind["tasks"] and dataset["alphabet"] in kind["alphabets"]

    def shortest(self, model: str) -> int:
        """Letters that a model needs, as far as the registry knows: 1 where its settings decide."""
        settings = self.entries[model]
        if LENGTH_SETTINGS & set(settings) or settings.get("adapt") == "auto":
            return 1
        letters: int = self.registered(model).get("minimum_length", 1)
        return letters

    def _is_confused(self, model: str, dataset: Entry) -> bool:
        """Whether a model reads a strand that has no meaning."""
        return _has_one_strand(dataset) and self._reads_both_strands(model)

    def _reads_both_strands(self, model: str) -> bool:
        """Whether a model reads both strands, or a search may let it."""
        settings = self.entries[model]
        searched = settings.get("tune", {}).get("search", {})
        strands = settings.get("reverse_complement", "none")
        return strands != "none" or "reverse_complement" in searched

    # What rules need to know of it.

    def settings(self, model: str) -> Entry:
        """Return a model's settings, without the name of what it is."""
        entry = self.entries[model]
        return {key: entry[key] for key in entry if key not in NOT_SETTINGS}

    def architecture(self, model: str) -> str:
        """Which architecture a model is: its name, or the place of a function, see `own_code`."""
        return self._named(model, "architecture")

    def baseline(self, model: str) -> str:
        """Which baseline a model is, likewise."""
        return self._named(model, "baseline")

    def _named(self, model: str, kind: str) -> str:
        """Return what jobs call a model's architecture or baseline."""
        named: Any = self.entries[model][kind]
        return place_of(named) if isinstance(named, dict) else str(named)

    def controlled(self, model: str) -> str | None:
        """Model whose negative control this one is."""
        return self.entries[model].get("control")

    def kind(self, model: str) -> str:
        """What a model is: network, baseline, mixed (an ensemble of both) or control."""
        if self.controlled(model):
            return "control"
        are_networks = {"architecture" in self.entries[name] for name in self.members(model)}
        if len(are_networks) > 1:
            return "mixed"
        return "network" if are_networks == {True} else "baseline"

    def motifs(self, model: str) -> list[Any]:
        """Files of motifs that a model names."""
        return [self.placed(expanded(path)) for path in motif_files(self.entries[model])]

    def own_code(self, model: str) -> list[Any]:
        """File of the user's own code that a model is made of, where it has one."""
        return [self.placed(expanded(path)) for path in own_files(self.entries[model])]

    @property
    def all_own_code(self) -> list[Any]:
        """These files of all models, each once."""
        files = {file: None for model in self.entries for file in self.own_code(model)}
        return list(files)

    def titles(self) -> dict[str, dict[str, str]]:
        """Title and citation of every model."""
        return {
            name: {"title": self._title(name), "citation": self._citation(name)}
            for name in self.entries
        }

    def _title(self, model: str) -> str:
        """Name a model as the report does."""
        if "ensemble" in self.entries[model]:
            mean = f"Mean of {', '.join(self.members(model))}"
            return f"{mean}, {len(self.seeds)} seeds each" if len(self.seeds) > 1 else mean
        title: str = self.registered(model)["title"]
        return f"{title}, on shuffled labels" if self.controlled(model) else title

    def _citation(self, model: str) -> str:
        """Where a model comes from."""
        if "ensemble" in self.entries[model]:
            return ENSEMBLE_CITATION
        citation: str = self.registered(model)["citation"]
        return citation


def _controlled(control: Entry, models: dict[str, Entry]) -> Entry:
    """A negative control as an entry like that of its model."""
    model = models[control["control"]]
    return {**{key: model[key] for key in model if key != "tune"}, **control}


def _name(named: Any) -> Any:
    """Name of an architecture or a baseline; `RULE` of one of the user's own."""
    return RULE if isinstance(named, dict) else named


def _free(name: str, taken: Container[str]) -> str:
    """A name that no model has: this one, or with a number behind it."""
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    return next(other for other in names if other not in taken)


def _has_one_strand(dataset: Entry) -> bool:
    """Whether the strand of a dataset's sequences means something."""
    is_stranded = "features" in dataset and dataset["features"]["strand"] == "same"
    return dataset["alphabet"] != "dna" or is_stranded
