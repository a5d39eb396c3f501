# Reads the configuration and refuses a wrong one before any job starts: one line a mistake, with
# its file, line, value and remedy.

import copy
import difflib
import functools

import yaml
from jsonschema import Draft202012Validator

# Example configurations name their files below $BASEWISE_DATA.
os.environ.setdefault("BASEWISE_DATA", "resources")
# Steps run the library of this checkout, even where another one is installed.
inherited = os.environ.get("PYTHONPATH", "") if IS_MODULE else ""
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT / "scripts"), inherited])))
# What is filled in below is not for the workflow that this one is a module of, nor its other modules.
ASKED = config
config = copy.deepcopy(config)


def load_yaml(path):
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def load_schema(name):
    """A schema of workflow/schemas."""
    return load_yaml(ROOT / "workflow" / "schemas" / f"{name}.schema.yaml")


ARCHITECTURES = load_yaml(LIBRARY / "architectures" / "registry.yaml")
BASELINES = load_yaml(LIBRARY / "baselines" / "registry.yaml")
SCHEMA = load_schema("config")
TUNE = {
    "architecture": SCHEMA["$defs"]["tune"],
    "baseline": {"not": {}, "x-remedy": "baselines choose their own settings; take `tune` out"},
}
TYPES = {
    "array": "a list, such as [a, b]",
    "object": "keys with values, such as {method: ...}",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
# What computes where the configuration does not say. A job that runs elsewhere gets the variable too.
BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")
if "KERAS_BACKEND" in os.environ:

    envvars:
        "KERAS_BACKEND",


def line_of(node, keys):
    """Line of the entry at `keys` below a YAML node, None if it is not there."""
    line = 1
    for key in map(str, keys):
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == key]
        elif isinstance(node, yaml.SequenceNode):
            found = [(value, value) for value in node.value[int(key) :][:1]]
        else:
            return None
        if not found:
            return None
        line, node = found[-1][0].start_mark.line + 1, found[-1][1]
    return line


@functools.cache
def nodes_of(file):
    """Nodes of a YAML file, which know their lines."""
    return yaml.compose(Path(file).read_text(encoding="utf-8"))


def located(keys):
    """`FILE:LINE: keys` of a place in the configuration, in the last file that sets it."""
    place = ".".join(map(str, keys)) or "the configuration"
    for file in reversed(workflow.configfiles):
        line = line_of(nodes_of(file), keys)
        if line:
            return f"{os.path.relpath(file)}:{line}: {place}"
    return place


def nearest(word, known):
    """A hint at the right spelling."""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(known))}"


def schema_mistakes(instance, schema, *prefix):
    """One line for each place where `instance`, at `prefix` of the configuration, breaks `schema`."""
    errors = list(Draft202012Validator(schema).iter_errors(instance))
    misspelt = {tuple(e.absolute_path) for e in errors if e.validator == "additionalProperties"}
    for error in errors:
        if error.validator in ("oneOf", "required") and tuple(error.absolute_path) in misspelt:
            continue
        keys = [*prefix, *error.absolute_path]
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for key in [key for key in error.instance if key not in known]:
                yield f"{located([*keys, key])}: unknown key {key!r}; {nearest(key, known)}"
        elif error.validator == "enum":
            hint = nearest(error.instance, error.validator_value)
            yield f"{located(keys)}: {error.instance!r} is unknown; {hint}"
        else:
            remedy = error.schema.get("x-remedy", type_remedy(error) or error.message)
            name = f"{error.instance!r}: " * ("propertyNames" in error.absolute_schema_path)
            yield f"{located(keys)}: {name}{remedy}"


def type_remedy(error):
    """What a value of the wrong type must be, in the words of a user."""
    if error.validator != "type":
        return None
    types = (
        [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    )
    wanted = " or ".join(TYPES[name] for name in types)
    quoted = "; put it in quotes" * (isinstance(error.instance, bool) and "string" in types)
    return f"{error.instance!r} must be {wanted}{quoted}"


def repeated_keys(node, *keys):
    """One line for each key that stands twice in a YAML mapping; only the last would count."""
    for index, value in enumerate(node.value if isinstance(node, yaml.SequenceNode) else []):
        yield from repeated_keys(value, *keys, index)
    names = [name.value for name, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    for name in {name for name in names if names.count(name) > 1}:
        yield f"{located([*keys, name])}: the key {name!r} stands twice; rename or join them"
    for name, value in node.value if names else []:
        yield from repeated_keys(value, *keys, name.value)


def ensemble_mistakes(name, entry):
    """Mistakes in an entry of `models` that is an ensemble."""
    models, members = config["models"], entry["ensemble"]
    place = located(["models", name, "ensemble"])
    for key in entry.keys() - {"ensemble"}:
        yield f"{located(['models', name, key])}: `{key}` has no effect on an ensemble; take it out"
    for member in members:
        if member not in models:
            yield f"{place}: unknown model {member!r}; {nearest(member, models)}"
        elif "ensemble" in models[member]:
            yield f"{place}: {member!r} is an ensemble itself; name its members"
        elif "control" in models[member]:
            yield f"{place}: {member!r} is a negative control; take it out"
    if len(members) * len(config.get("seeds", [1])) < 2:
        yield f"{place}: one model with one seed has one run; name a second model or more `seeds`"


def control_mistakes(name, entry):
    """Mistakes in an entry of `models` that is a negative control."""
    models, of = config["models"], entry["control"]
    place = located(["models", name, "control"])
    for key in entry.keys() - {"control"}:
        where = located(["models", name, key])
        yield f"{where}: a control has the settings of its model; take `{key}` out"
    if of not in models:
        yield f"{place}: unknown model {of!r}; {nearest(of, models)}"
    elif "ensemble" in models[of]:
        yield f"{place}: {of!r} is an ensemble; name one of its members"
    elif "control" in models[of]:
        yield f"{place}: {of!r} is a control itself; name the model that it controls"


def controlled(entry):
    """A negative control as an entry like that of its model, which is not tuned anew."""
    model = config["models"][entry["control"]]
    return {**{key: model[key] for key in model if key != "tune"}, **entry}


def model_mistakes(name, model):
    """Mistakes in one entry of `models`."""
    for kind, mistakes in (("ensemble", ensemble_mistakes), ("control", control_mistakes)):
        if kind in model:
            yield from mistakes(name, model)
            return
    kind = "architecture" if "architecture" in model else "baseline"
    registry = ARCHITECTURES if kind == "architecture" else BASELINES
    if model[kind] not in registry:
        hint = nearest(model[kind], registry)
        yield f"{located(['models', name, kind])}: unknown {kind} {model[kind]!r}; {hint}"
        return
    settings = {kind: {}, "tune": TUNE[kind], **registry[model[kind]]["settings"]}
    if kind == "architecture":
        settings |= SCHEMA["$defs"]["every_network"]["properties"]
        settings["training"] = SCHEMA["properties"]["training"]
    schema = {"properties": settings, "additionalProperties": False}
    yield from schema_mistakes(model, schema, "models", name)


def where_to_get(path):
    """What `sources` says about a file that is missing."""
    for entry in config.get("sources", []):
        if expanded(entry["file"]) == path:
            return (
                f"get it from {entry['from']} (licence: {entry['licence']}), "
                "or set BASEWISE_DATA to the folder that holds it"
            )
    return "correct the path, or put the file there"


def expanded(path):
    """A path with its environment variables and ~ replaced."""
    return os.path.expanduser(os.path.expandvars(path))


def refuse(mistakes):
    """Stop with one line a mistake, if there is any."""
    if mistakes:
        sys.exit("\n".join(f"Error: {mistake}" for mistake in dict.fromkeys(mistakes)))


for file in workflow.configfiles:
    refuse(list(repeated_keys(nodes_of(file))))
refuse(list(schema_mistakes(config, SCHEMA)))
refuse([line for name, model in config["models"].items() for line in model_mistakes(name, model)])
config["models"] |= {
    name: controlled(model) for name, model in config["models"].items() if "control" in model
}
if BACKEND not in SCHEMA["properties"]["training"]["properties"]["backend"]["enum"]:
    refuse([f"KERAS_BACKEND is {BACKEND!r}; unset it, or set it to tensorflow or jax"])
