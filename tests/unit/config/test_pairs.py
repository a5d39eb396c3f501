"""The cases of `pairs`: every option of a dataset, and every pair of them, is run or refused."""

from configs import read
from pairs import DATASET, FACTORS, MODELS, OPTIONS, accepted_rows, cases, pairs_of

from basewise.config.schema import filled


def test_the_configuration_of_all_cases_is_right():
    datasets = {name: case.entry for name, case in cases().items()}
    assert read({"datasets": datasets, "models": MODELS}, looks_for_files=False).mistakes == []


def test_every_value_occurs():
    levels = [
        case.row._asdict() | {option: getattr(case, option) for option in OPTIONS}
        for case in cases().values()
    ]
    for name, values in (FACTORS | OPTIONS).items():
        assert {level[name] for level in levels} == set(values), name


def test_every_pair_occurs_or_is_refused():
    """A pair that no case has is refused in a line, whatever stands beside it."""
    occurring = set().union(*(pairs_of(case.row._asdict()) for case in cases().values()))
    assert occurring == set().union(*(pairs_of(row._asdict()) for row in accepted_rows()))


def keys(value, place=()):
    """Places of all keys of an entry."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*place, key)
            yield from keys(inner, (*place, key))


def schema_keys(schema, place=()):
    """The same of all that may be said."""
    for key, inner in schema.get("properties", {}).items():
        yield (*place, key)
        yield from schema_keys(inner, (*place, key))


def test_every_key_is_tried():
    """A new one needs a run: a level of `FACTORS` or a value of `OPTIONS` in tests/pairs.py."""
    said = set().union(*(keys(case.entry) for case in cases().values()))
    assert set(schema_keys(DATASET)) - said == set()


def choices(value, schema, place=()):
    """(key, value) of all keys of an entry that take one of a few values."""
    if "enum" in schema:
        yield place, value
    for key, inner in schema.get("properties", {}).items():
        if isinstance(value, dict) and key in value:
            yield from choices(value[key], inner, (*place, key))


def schema_choices(schema, place=()):
    """The same of all that may be said."""
    yield from ((place, value) for value in schema.get("enum", []))
    for key, inner in schema.get("properties", {}).items():
        yield from schema_choices(inner, (*place, key))


def test_every_choice_is_tried():
    entries = [filled(case.entry, DATASET) for case in cases().values()]
    made = set().union(*(choices(entry, DATASET) for entry in entries))
    assert set(schema_choices(DATASET)) == made
