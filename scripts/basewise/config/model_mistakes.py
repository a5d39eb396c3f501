"""Whether the entries of `models` are right, and suit the datasets that name them."""

from collections.abc import Iterator

from .catalog import Catalog, Entry
from .inputs import name_problem
from .mistakes import Mistake, nearest
from .models import Models
from .own_code import OwnCodeError, place_of, short, signature_of
from .schema import schema_mistakes


def model_mistakes(
    models: dict[str, Entry],
    seeds: list[int],
    catalog: Catalog,
    *,
    looks_for_files: bool = True,
) -> Iterator[Mistake]:
    """Mistakes in `models`, each entry as it is written.

    Code of the user's own is held against its file if `looks_for_files`.
    """
    for name, model in models.items():
        if "ensemble" in model:
            mistakes = _ensemble_mistakes(model, models, seeds)
        elif "control" in model:
            mistakes = _control_mistakes(model, models)
        else:
            mistakes = _kind_mistakes(model, catalog, looks_for_files)
        for mistake in mistakes:
            yield mistake.below("models", name)


def misfits(dataset: Entry, models: Models) -> Iterator[Mistake]:
    """Models that a dataset names and that do not exist, or cannot take it."""
    for model in dataset.get("models", []):
        if model not in models.entries:
            text = f"unknown model {model!r}; {nearest(model, models.entries)}"
            yield Mistake(("models",), text)
            continue

        for member in [name for name in models.members(model) if not models.fits(name, dataset)]:
            which = "it" if member == model else f"its member {member!r}"
            text = f"{model!r} does not fit; {which} {models.misfit(member, dataset)}"
            yield Mistake(("models",), text)


def _kind_mistakes(model: Entry, catalog: Catalog, looks_for_files: bool) -> Iterator[Mistake]:
    """Mistakes in a model that is an architecture or a baseline."""
    is_network = "architecture" in model
    kind = "architecture" if is_network else "baseline"
    registry = catalog.architectures if is_network else catalog.baselines
    named = model[kind]
    if isinstance(named, dict):
        if not looks_for_files:
            return
        if problem := _own_problem(named, kind):
            yield Mistake((kind,), problem)
            return
    elif named not in registry:
        yield Mistake((kind,), f"unknown {kind} {named!r}; {nearest(named, registry)}")
        return

    entry = catalog.registered(model)
    settings = {kind: {}, "tune": _no_tune(), **entry["settings"]}
    if is_network:
        settings |= {"tune": catalog.tune, **catalog.every_network, "training": catalog.training}
    if is_network and isinstance(named, dict):
        settings["adapt"] = _no_adapt()
    yield from schema_mistakes(model, {"properties": settings, "additionalProperties": False})
    for key in entry.get("required", []):
        if key not in model:
            what = settings[key]["description"].rstrip(".").lower()
            name = short(place_of(named)) if isinstance(named, dict) else named
            yield Mistake((), f"{name} needs `{key}`: {what}")


def _own_problem(named: Entry, kind: str) -> str | None:
    """What is wrong with a function of the user's own, as far as its file says."""
    file = named["file"]
    if problem := name_problem(file):
        return problem
    if not file.endswith(".py"):
        return f"{file!r} is no Python file; its name has to end in .py"
    try:
        signature_of(place_of(named), kind)
    except OSError:
        return f"no such file: {file}; correct the path, or put the file there"
    except OwnCodeError as error:
        return f"{file} {error}"
    return None


def _no_adapt() -> Entry:
    """Schema of `adapt` in a network of the user's own."""
    return {"not": {}, "x-remedy": "the function gets `length` and adapts itself; take `adapt` out"}


def _no_tune() -> Entry:
    """Schema of `tune` in a baseline."""
    return {"not": {}, "x-remedy": "baselines choose their own settings; take `tune` out"}


def _ensemble_mistakes(
    model: Entry, models: dict[str, Entry], seeds: list[int]
) -> Iterator[Mistake]:
    """Mistakes in a model that is an ensemble."""
    for key in model.keys() - {"ensemble"}:
        yield Mistake((key,), f"`{key}` has no effect on an ensemble; take it out")

    members, place = model["ensemble"], ("ensemble",)
    for member in members:
        if member not in models:
            yield Mistake(place, f"unknown model {member!r}; {nearest(member, models)}")
        elif "ensemble" in models[member]:
            yield Mistake(place, f"{member!r} is an ensemble itself; name its members")
        elif "control" in models[member]:
            yield Mistake(place, f"{member!r} is a negative control; take it out")

    if len(members) * len(seeds) < 2:
        text = "one model with one seed has one run; name a second model or more `seeds`"
        yield Mistake(place, text)


def _control_mistakes(model: Entry, models: dict[str, Entry]) -> Iterator[Mistake]:
    """Mistakes in a model that is a negative control."""
    for key in model.keys() - {"control"}:
        yield Mistake((key,), f"a control has the settings of its model; take `{key}` out")

    controlled, place = model["control"], ("control",)
    if controlled not in models:
        yield Mistake(place, f"unknown model {controlled!r}; {nearest(controlled, models)}")
    elif "ensemble" in models[controlled]:
        yield Mistake(place, f"{controlled!r} is an ensemble; name one of its members")
    elif "control" in models[controlled]:
        text = f"{controlled!r} is a control itself; name the model that it controls"
        yield Mistake(place, text)
