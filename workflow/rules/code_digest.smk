# The code that a step runs, as a digest for its params: Snakemake does not see an edit of an
# imported module. Comments and docstrings do not count.

import ast
import functools
import hashlib


def module_file(name):
    """File of a module of the library, None for anything else."""
    base = LIBRARY.joinpath(*name.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def statements(node):
    """A node and all statements below it; expressions hold none."""
    yield node
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, block, ()):
            yield from statements(inner)


def without_docstrings(tree):
    """Drop docstrings and other bare strings; comments are not in the tree."""
    for node in statements(tree):
        if isinstance(getattr(node, "body", None), list):
            code = [line for line in node.body if not is_text(line)]
            node.body = code or [ast.Pass()]
    return tree


def is_text(statement):
    """Whether a statement is nothing but a string."""
    value = getattr(statement, "value", None)
    is_constant = isinstance(statement, ast.Expr) and isinstance(value, ast.Constant)
    return is_constant and isinstance(value.value, str)


def imported(tree):
    """Names that a module imports from the library: modules, and what it takes from them."""
    for node in statements(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "basewise":
            inner = node.module.partition(".")[2]
            yield inner
            yield from (f"{inner}.{alias.name}".lstrip(".") for alias in node.names)


@functools.cache
def read_code(name):
    """Code of a module and the names it imports from the library; None where it is no module."""
    file = module_file(name) if name else None
    if file is None:
        return None
    tree = without_docstrings(ast.parse(file.read_text(encoding="utf-8")))
    return ast.unparse(tree), list(imported(tree))


@functools.cache
def code_digest(*modules, files=()):
    """Digest of library modules, all they import from the library, and files beside them."""
    pending, seen = list(modules), {}
    while pending:
        name = pending.pop()
        found = None if name in seen else read_code(name)
        if found:
            seen[name], imports = found
            pending += imports
    texts = [(LIBRARY / file).read_text(encoding="utf-8") for file in files]
    return hashlib.sha256(repr((sorted(seen.items()), texts)).encode()).hexdigest()[:16]
