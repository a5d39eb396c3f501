"""Trained models in use: the bundle that holds one, its check, and scores of what is new."""

from basewise.scoring.checking import check_bundle

__all__ = ["check_bundle"]
