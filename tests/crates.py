"""Validation of an RO-Crate by rocrate-validator, without a network."""

import warnings
from importlib.resources import files
from pathlib import Path

import requests
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def served(_, url: str, **options) -> requests.Response:
    """The vocabulary of RO-Crate 1.3, which ro-crate-py brings along, with names as in 1.1."""
    later = files("rocrate").joinpath("data/ro-crate.jsonld").read_text(encoding="utf-8")
    response = requests.Response()
    response.status_code = 200 if url == CONTEXT else 404
    response.headers["Content-Type"] = "application/ld+json"
    response._content = later.replace("bioschemas.org/terms/", "bioschemas.org/").encode()
    return response


def broken_rules(folder: Path, monkeypatch) -> list[str]:
    """What a crate must have by the profile Workflow Run Crate 0.5, and has not."""
    monkeypatch.setattr(HttpRequester, "get", served, raising=False)
    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="workflow-run-crate",
        requirement_severity=models.Severity.REQUIRED,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of rdflib, in the validator
        result = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
