"""What the workflow offers: the schemas of what a user writes, and the registries of models."""

from pathlib import Path
from typing import Any, NamedTuple

from .own_code import own_entry
from .yaml_files import load_yaml

Entry = dict[str, Any]
"""A mapping as it stands in a YAML file."""

TABLES = ("labels", "split", "ceiling", "population")
"""Tables that a user writes and that have a schema."""


class Catalog(NamedTuple):
    """Schemas and registries of one checkout."""

    schema: Entry
    """Schema of the configuration."""
    tables: dict[str, Entry]
    """Schemas of the rows of TABLES."""
    architectures: dict[str, Entry]
    baselines: dict[str, Entry]

    @property
    def training(self) -> Entry:
        """Schema of `training`."""
        schema: Entry = self.schema["properties"]["training"]
        return schema

    @property
    def every_network(self) -> Entry:
        """Schemas of the settings that every architecture has."""
        settings: Entry = self.schema["$defs"]["every_network"]["properties"]
        return settings

    @property
    def tune(self) -> Entry:
        """Schema of a model's `tune`."""
        schema: Entry = self.schema["$defs"]["tune"]
        return schema

    def registered(self, model: Entry) -> Entry:
        """Return what the registry says about the architecture or baseline that a model is.

        Of one of the user's own, what its file says.
        """
        kind = "architecture" if "architecture" in model else "baseline"
        if isinstance(model[kind], dict):
            return own_entry(model, kind)
        return {"architecture": self.architectures, "baseline": self.baselines}[kind][model[kind]]

    def looked_up(self, model: Entry) -> tuple[list[str], Any]:
        """Return what a job of a model takes from its registry when it runs.

        Functions as ``module:function``, for `code.Code.digest`; and what else of the entry decides
        about the numbers.
        """
        entry = self.registered(model)
        package = "architectures" if "architecture" in model else "baselines"
        names = dict.fromkeys([entry["function"], *entry.get("functions", {}).values()])
        functions = [f"{package}.{entry['module']}:{name}" for name in names]
        functions += [entry[key] for key in ("features", "pretraining") if key in entry]
        defaults = {
            key: schema["default"]
            for key, schema in entry["settings"].items()
            if "default" in schema
        }
        return functions, (entry.get("steps"), entry.get("unknown"), defaults)


def read_catalog(checkout: Path) -> Catalog:
    """Read the catalog of a checkout of basewise."""
    library = checkout / "scripts" / "basewise"
    return Catalog(
        schema=read_schema(checkout, "config"),
        tables={name: read_schema(checkout, name) for name in TABLES},
        architectures=load_yaml(library / "architectures" / "registry.yaml"),
        baselines=load_yaml(library / "baselines" / "registry.yaml"),
    )


def read_schema(checkout: Path, name: str) -> Entry:
    """Read a schema of workflow/schemas."""
    schema: Entry = load_yaml(checkout / "workflow" / "schemas" / f"{name}.schema.yaml")
    return schema
