"""A baseline of one's own for own_network.yaml; docs/own_networks.md explains it."""

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor


def trees(task, seed, *, number=200, smallest_leaf=2):
    """Extremely randomized trees."""
    kind = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
    return kind(n_estimators=number, min_samples_leaf=smallest_leaf, random_state=seed)
