"""Holding a configuration against its schema: mistakes, and the defaults of what is not said."""

import copy
from collections.abc import Iterator
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from .catalog import Entry
from .mistakes import Keys, Mistake, nearest

TYPES = {
    "array": "a list, such as [a, b]",
    "object": "keys with values, such as {method: ...}",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def schema_mistakes(instance: Any, schema: Entry, *prefix: Any) -> Iterator[Mistake]:
    """One mistake for each place where `instance`, found at `prefix`, breaks `schema`.

    A key that is missing is no mistake of its own where another key of the same mapping is unknown:
    it is the same key, misspelled.
    """
    errors = list(Draft202012Validator(schema).iter_errors(instance))
    misspelled = {
        tuple(error.absolute_path) for error in errors if error.validator == "additionalProperties"
    }

    for error in errors:
        is_missing = error.validator in ("oneOf", "required")
        if not (is_missing and tuple(error.absolute_path) in misspelled):
            yield from _mistakes(error, (*prefix, *error.absolute_path))


def filled(value: Any, schema: Entry) -> Any:
    """Return a copy of a value of the configuration, with the schema's defaults where it is silent.

    A `default` stands beside the key that it is of. One that depends on other keys stands in the
    `then` of an `allOf`, and goes first.
    """
    complete = copy.deepcopy(value)
    _fill(complete, schema)
    return complete


def _fill(value: Any, schema: Entry) -> None:
    """Fill in the defaults of a mapping and of all that is in it."""
    if isinstance(value, list):
        for item in value:
            _fill(item, schema.get("items") or {})
    if not isinstance(value, dict):
        return

    for rule in schema.get("allOf", []):
        if Draft202012Validator(rule["if"]).is_valid(value):
            _fill(value, rule["then"])

    properties = schema.get("properties", {})
    for key, inner in properties.items():
        if "default" in inner:
            value.setdefault(key, copy.deepcopy(inner["default"]))

    others = schema.get("additionalProperties") or {}
    for key, content in value.items():
        _fill(content, properties.get(key, others))


def _mistakes(error: ValidationError, keys: Keys) -> Iterator[Mistake]:
    """Say what a validation error means to a user."""
    schema, wanted = cast(Entry, error.schema), cast(Any, error.validator_value)
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        for key in [key for key in cast(Entry, error.instance) if key not in known]:
            yield Mistake((*keys, key), f"unknown key {key!r}; {nearest(key, known)}")
    elif error.validator == "enum":
        hint = nearest(error.instance, wanted)
        yield Mistake(keys, f"{error.instance!r} is unknown; {hint}")
    else:
        remedy = schema.get("x-remedy", _type_remedy(error) or error.message)
        is_name = "propertyNames" in error.absolute_schema_path
        yield Mistake(keys, f"{error.instance!r}: {remedy}" if is_name else remedy)


def _type_remedy(error: ValidationError) -> str | None:
    """What a value of the wrong type must be."""
    if error.validator != "type":
        return None
    wanted = cast(Any, error.validator_value)
    types = [wanted] if isinstance(wanted, str) else wanted

    remedy = f"{error.instance!r} must be {' or '.join(TYPES[name] for name in types)}"
    if isinstance(error.instance, bool) and "string" in types:
        return f"{remedy}; put it in quotes"
    return remedy
