"""Digests of the code that a step runs, definition by definition.

Snakemake does not see that an imported module was edited, so each rule carries a digest of its code
in `params`. It starts from the script of the step and follows names: a function that the script
calls, the constants, classes and decorators that this function names, and so on, wherever they are
defined. What a step does not reach does not count, nor do comments, docstrings, the annotations of
plain functions, the layout of the lines, or the module in which a definition lies.

Not followed are names that are made at run time: `getattr(module, text)`, `import_module(text)`. A
rule whose step looks a function up in a registry names that function as an entry.
"""

from __future__ import annotations

import ast
import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "basewise"
WHOLE = "*"
"""Stands for all definitions of a module."""

EFFECTS = "!"
"""Stands for the statements of a module that bind no name, such as a call."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NAMED = (*FUNCTIONS, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
LOOPS = (ast.For, ast.AsyncFor)
WITHS = (ast.With, ast.AsyncWith)
TRIES = (ast.Try, ast.TryStar)

BINDING: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Assign: ("targets",),
    ast.Delete: ("targets",),
    ast.ExceptHandler: ("name",),
    ast.match_case: ("pattern",),
    **dict.fromkeys((ast.AnnAssign, ast.AugAssign, *LOOPS), ("target",)),
    **dict.fromkeys(WITHS, ("items",)),
}
"""Fields that bind names, of the statements that have such."""

BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Match: ("cases",),
    **dict.fromkeys((ast.ExceptHandler, ast.match_case, *WITHS), ("body",)),
    **dict.fromkeys((ast.If, ast.While, *LOOPS), ("body", "orelse")),
    **dict.fromkeys(TRIES, ("body", "handlers", "orelse", "finalbody")),
}
"""Fields that hold statements of the same scope."""

LEFT_OUT = {"ctx", "kind", "type_comment", "annotation"}
"""Fields of nodes that decide nothing when the code runs."""


class Definition(NamedTuple):
    """A name that a module of the library binds itself."""

    module: str
    name: str


class Module(NamedTuple):
    """A module of the library, as something that a name stands for."""

    module: str


class External(NamedTuple):
    """What a name from outside the library stands for, such as `numpy.zeros`."""

    path: str


Thing = Definition | Module | External
Local = Mapping[str, list[Thing]]
"""Names that an enclosing function binds; the list is empty where it binds a value."""


class Form(NamedTuple):
    """A definition as text, every reference to another definition replaced by a mark."""

    text: bytes
    references: tuple[Definition, ...]


class Code:
    """The steps and the library of a checkout, read as far as digests need them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sources: dict[str, Source | None] = {}
        self._forms: dict[Definition, Form] = {}
        self._digests: dict[Any, str] = {}

    def digest(
        self, step: str, *entries: str, settings: Any = None, files: Iterable[Path] = ()
    ) -> str:
        """Digest of all code that a step reaches, 16 hexadecimal digits.

        Parameters
        ----------
        step
            Name of the script, without ``.py``.
        entries
            Functions that the step looks up at run time, as ``module:function``, the module without
            the name of the package.
        settings
            What else decides what the step does, with a stable `repr`.
        files
            Files that the library reads beside its code.

        Raises
        ------
        LookupError
            For a step or an entry that does not exist.
        """
        key = (step, entries, repr(settings), tuple(files))
        if key not in self._digests:
            with _no_collection():
                self._digests[key] = self._fresh_digest(*key)
        return self._digests[key]

    def _fresh_digest(
        self, step: str, entries: tuple[str, ...], settings: str, files: tuple[Path, ...]
    ) -> str:
        # A form refers to others by number, not by their digests: functions that call each other
        # in a circle have no first one to digest (a Merkle tree would need one).
        digest = hashlib.sha256(settings.encode())
        for form, numbers in self._reached([Definition(step, WHOLE), *map(self._entry, entries)]):
            digest.update(form.text)
            digest.update(repr(numbers).encode())
        for file in files:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def reached(self, step: str, *entries: str) -> list[Definition]:
        """All definitions that a step reaches, in the order in which they are found."""
        pending = [Definition(step, WHOLE), *map(self._entry, entries)]
        return list(self._numbered(pending))

    def _reached(self, roots: list[Definition]) -> Iterator[tuple[Form, list[int]]]:
        """The form of every definition reached, and the numbers of those that it refers to."""
        numbers = self._numbered(roots)
        for definition in numbers:
            form = self._form(definition)
            yield form, [numbers[reference] for reference in form.references]

    def _numbered(self, roots: list[Definition]) -> dict[Definition, int]:
        """Definitions in the order of their first mention: names and places do not count."""
        numbers = {root: index for index, root in enumerate(dict.fromkeys(roots))}
        pending = list(numbers)
        for definition in pending:
            for reference in self._form(definition).references:
                if reference not in numbers:
                    numbers[reference] = len(numbers)
                    pending.append(reference)
        return numbers

    def _entry(self, entry: str) -> Definition:
        module, _, name = entry.partition(":")
        things = self.things(f"{PACKAGE}.{module}", name)
        definitions = [thing for thing in things if isinstance(thing, Definition)]
        if len(definitions) != 1:
            raise LookupError(f"the library has no {entry}")
        return definitions[0]

    def _form(self, definition: Definition) -> Form:
        if definition not in self._forms:
            source = self.source(definition.module)
            if source is None:
                raise LookupError(f"there is no {definition.module} in {self.folder}")
            self._forms[definition] = Writer(self, source).form(definition.name)
        return self._forms[definition]

    def source(self, module: str) -> Source | None:
        """A module by its name, or a step; None where there is no such file."""
        if module not in self._sources:
            base = self.folder.joinpath(*module.split("."))
            files = (base.with_suffix(".py"), base / "__init__.py")
            file = next((file for file in files if file.is_file()), None)
            self._sources[module] = Source(module, file) if file else None
        return self._sources[module]

    def things(self, module: str, name: str, passed: frozenset[str] = frozenset()) -> list[Thing]:
        """What a name of a module stands for, through imports; empty where it is not bound.

        A name that is bound under a condition may stand for several things.
        """
        if module in passed:
            return []
        source, passed = self.source(module), passed | {module}
        things: list[Thing] = []
        if source and name in source.definitions:
            things.append(Definition(module, name))
        for target, attribute in source.imports.get(name, []) if source else []:
            things += self.imported(target, attribute, passed)

        if not things and self.source(f"{module}.{name}"):
            things.append(Module(f"{module}.{name}"))
        for target in source.stars if source and not things else []:
            things += self.things(target, name, passed)
        return things

    def imported(
        self, target: str, attribute: str | None, passed: frozenset[str] = frozenset()
    ) -> list[Thing]:
        """What `import target` or `from target import attribute` brings."""
        if target.partition(".")[0] != PACKAGE:
            return [External(f"{target}.{attribute}" if attribute else target)]
        if attribute is None:
            return [Module(target)]
        return self.things(target, attribute, passed)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without garbage collection, which would walk growing syntax trees again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Source:
    """A module or a step: which names it binds, and how.

    Attributes
    ----------
    statements
        Its statements, but for what it does when it is run as a program.
    definitions
        Name to the statements that bind it.
    imports
        Name to the targets of its imports: module, and name in that module or None.
    stars
        Modules of the library whose public names are all imported.
    effects
        Statements that bind no name and change none of the module's values, such as a call.
    """

    def __init__(self, module: str, file: Path) -> None:
        self.module = module
        self.is_package = file.name == "__init__.py"
        tree = ast.parse(file.read_text(encoding="utf-8"))
        self.statements = [node for node in tree.body if not _is_main(node)]
        self.definitions: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, list[tuple[str, str | None]]] = {}
        self.stars: list[str] = []
        self.effects: list[ast.stmt] = []
        for node in self.statements:
            self._take(node)

    def _take(self, node: ast.stmt) -> None:
        scope = Scope([node])
        for name in dict.fromkeys(scope.names):
            self.definitions.setdefault(name, []).append(node)

        for statement in scope.imports:
            for name, target in self.targets(statement):
                self.imports.setdefault(name, []).append(target)
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                self.stars.append(self.absolute(statement))

        # TABLE[key] = 1 belongs to TABLE; a call that changes no name of the module to all of it.
        if not _only_binds(node):
            changed = self.definitions.get(_root(node))
            (self.effects if changed is None else changed).append(node)

    def targets(self, node: ast.stmt) -> Iterator[tuple[str, tuple[str, str | None]]]:
        """Names that an import binds, with module and name in it."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield alias.asname or top, (alias.name if alias.asname else top, None)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name != "*":
                    yield alias.asname or alias.name, (self.absolute(node), alias.name)

    def absolute(self, node: ast.ImportFrom) -> str:
        """The module that an import names, relative or not."""
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        package = package[: len(package) - node.level + self.is_package]
        return ".".join([*package, *filter(None, [node.module])])


class Writer:
    """Writes definitions of one module as text that does not depend on names and places."""

    def __init__(self, code: Code, source: Source) -> None:
        self.code = code
        self.source = source
        self.words: list[str] = []
        self.references: list[Definition] = []
        self._things: dict[str, list[Thing]] = {}

    def form(self, name: str) -> Form:
        """The form of a definition, of all definitions, or of the module's effects."""
        if name == WHOLE:
            nodes = self.source.statements
        elif name == EFFECTS:
            nodes = self.source.effects
        else:
            nodes = self.source.definitions[name]

        for node in nodes:
            self.write(node, {})

        # Whoever reads a name has imported its module, and with it run what that does beside.
        if name != EFFECTS and name != WHOLE and self.source.effects:
            self.references.append(Definition(self.source.module, EFFECTS))
        return Form("\0".join(self.words).encode(), tuple(self.references))

    def write(self, node: ast.AST, local: Local) -> None:
        """Write a node; `local` are the names that enclosing functions bind."""
        write = WRITERS.get(type(node))
        if write:
            write(self, node, local)
        else:
            self.write_fields(node, local)

    def write_fields(self, node: ast.AST, local: Local) -> None:
        """Write a node that binds no name for others, field by field."""
        self.words += ["(", type(node).__name__]
        for field in node._fields:
            value = getattr(node, field, None)
            if value is None or value == [] or field in LEFT_OUT:
                continue
            self.words.append(field)
            for item in value if type(value) is list else (value,):
                if isinstance(item, ast.AST):
                    self.write(item, local)
                else:
                    self.words.append(repr(item))

        self.words.append(")")

    def write_name(self, node: ast.Name, local: Local) -> None:
        """Write a name, or what it stands for."""
        name = node.id
        self.refer(local[name] if name in local else self.things(name), name)

    def write_attribute(self, node: ast.Attribute, local: Local) -> None:
        """Write an attribute of a value, or what a dotted name stands for."""
        things = self.looked_up(node, local)
        if things:
            self.refer(things, node.attr)
        else:
            self.words += ["attribute", node.attr]
            self.write(node.value, local)

    def write_constant(self, node: ast.Constant, local: Local) -> None:
        """Write a number or a text, with its type."""
        self.words.append(repr(node.value))

    def write_statement(self, node: ast.Expr, local: Local) -> None:
        """Write an expression that stands alone; texts do nothing there."""
        if not _is_text(node):
            self.write(node.value, local)

    def write_import(self, node: ast.stmt, local: Local) -> None:
        """Imports count where their names are used."""

    def write_lambda(self, node: ast.Lambda, local: Local) -> None:
        """Write a function without a name."""
        self.words.append("lambda")
        self.write_arguments(node.args, local, annotated=False)
        self.write(node.body, {**local, **self.bound(node)})

    def write_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, local: Local) -> None:
        """Write a function; a decorator may look at annotations, so that they count there."""
        self.words += ["(", type(node).__name__, node.name if node.name in local else ""]
        for decorator in node.decorator_list:
            self.write(decorator, local)

        self.write_arguments(node.args, local, annotated=bool(node.decorator_list))
        if node.decorator_list and node.returns:
            self.words.append(ast.unparse(node.returns))
        inner = {**local, **self.bound(node)}
        for statement in node.body:
            self.write(statement, inner)

        self.words.append(")")

    def write_arguments(self, node: ast.arguments, local: Local, *, annotated: bool) -> None:
        """Write parameters and their defaults."""
        for kind in ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg"):
            given = getattr(node, kind)
            listed = given if isinstance(given, list) else [given] if given else []
            self.words += [kind, *(argument.arg for argument in listed)]
            if annotated:
                self.words += [ast.unparse(arg.annotation) for arg in listed if arg.annotation]

        self.words.append("defaults")
        for default in (*node.defaults, *node.kw_defaults):
            if default is None:
                self.words.append("none")
            else:
                self.write(default, local)

    def write_class(self, node: ast.ClassDef, local: Local) -> None:
        """Write a class; what kind of value a field is may count, as in a data class."""
        self.words += ["(class", node.name if node.name in local else ""]
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.write(part, local)

        for statement in node.body:
            if isinstance(statement, ast.AnnAssign):
                self.words.append(ast.unparse(statement.annotation))
            elif isinstance(statement, FUNCTIONS):
                self.words.append(statement.name)
            self.write(statement, local)

        self.words.append(")")

    def write_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, local: Local
    ) -> None:
        """Write a comprehension, whose first iterable is read outside of it."""
        inner = {**local, **self.bound(node)}
        self.words += ["(", type(node).__name__]
        for index, generator in enumerate(node.generators):
            self.words.append("async" if generator.is_async else "for")
            self.write(generator.target, inner)
            self.write(generator.iter, inner if index else local)
            for condition in generator.ifs:
                self.words.append("if")
                self.write(condition, inner)

        made = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in made:
            self.write(part, inner)

        self.words.append(")")

    def refer(self, things: list[Thing], name: str) -> None:
        """Write what a name stands for; as it is where it is a local value or a builtin."""
        if not things:
            self.words += ["name", name]
        for thing in things:
            if isinstance(thing, External):
                self.words += ["external", thing.path]
                continue
            if isinstance(thing, Module):
                thing = Definition(thing.module, WHOLE)
            # A module as a value may be asked for anything, so that all of it counts.
            self.words.append("@")
            self.references.append(thing)

    def things(self, name: str) -> list[Thing]:
        """What a name stands for in this module, outside of functions."""
        if name not in self._things:
            self._things[name] = self.code.things(self.source.module, name)
        return self._things[name]

    def looked_up(self, node: ast.AST, local: Local) -> list[Thing]:
        """What a dotted name stands for; empty where it starts from a value."""
        if isinstance(node, ast.Name):
            return local[node.id] if node.id in local else self.things(node.id)
        if not isinstance(node, ast.Attribute):
            return []
        things: list[Thing] = []
        for thing in self.looked_up(node.value, local):
            if isinstance(thing, Module):
                things += self.code.things(thing.module, node.attr)
            elif isinstance(thing, External):
                things.append(External(f"{thing.path}.{node.attr}"))
            else:
                return []

        return things

    def bound(self, node: ast.AST) -> dict[str, list[Thing]]:
        """Names that a function or comprehension binds, those it imports with what they are."""
        if isinstance(node, COMPREHENSIONS):
            scope = Scope([])
            for generator in node.generators:
                scope.bind(generator.target)
            return {name: [] for name in scope.names}

        arguments = node.args  # type: ignore[attr-defined]
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        given += filter(None, [arguments.vararg, arguments.kwarg])
        bound: dict[str, list[Thing]] = {argument.arg: [] for argument in given}
        if isinstance(node, FUNCTIONS):
            scope = Scope(node.body)
            bound.update((name, []) for name in scope.names)
            for statement in scope.imports:
                for name, (target, attribute) in self.source.targets(statement):
                    bound[name] = self.code.imported(target, attribute)
            # `global` hands the name back to the module.
            for name in scope.outer:
                bound.pop(name, None)

        return bound


WRITERS: dict[type[ast.AST], Any] = {
    ast.Name: Writer.write_name,
    ast.Attribute: Writer.write_attribute,
    ast.Constant: Writer.write_constant,
    ast.Expr: Writer.write_statement,
    ast.Import: Writer.write_import,
    ast.ImportFrom: Writer.write_import,
    ast.Lambda: Writer.write_lambda,
    ast.ClassDef: Writer.write_class,
    **dict.fromkeys(FUNCTIONS, Writer.write_function),
    **dict.fromkeys(COMPREHENSIONS, Writer.write_comprehension),
}


class Scope:
    """What statements bind in their own scope, not in those of functions and classes among them.

    Names that an expression binds (`:=`) are left out: they count as names of the module, if it has
    such names. That makes a digest cover too much, never too little.

    Attributes
    ----------
    names
        Names that are bound to values.
    imports
        Import statements.
    outer
        Names declared to be those of the module.
    """

    def __init__(self, statements: Iterable[ast.AST]) -> None:
        self.names: list[str] = []
        self.imports: list[ast.stmt] = []
        self.outer: list[str] = []
        pending = list(statements)
        while pending:
            node = pending.pop()
            if isinstance(node, NAMED):
                self.names.append(node.name)
            elif isinstance(node, IMPORTS):
                self.imports.append(node)
            elif isinstance(node, ast.Global):
                self.outer += node.names
            else:
                for field in BINDING.get(type(node), ()):
                    self.bind(getattr(node, field))
                for field in BLOCKS.get(type(node), ()):
                    pending += getattr(node, field)

    def bind(self, target: Any) -> None:
        """Take the names of a target of an assignment, of a pattern, or of a list of them."""
        if isinstance(target, str):
            self.names.append(target)
        elif isinstance(target, ast.Name):
            self.names.append(target.id)
        elif isinstance(target, list):
            for part in target:
                self.bind(part)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.bind(target.elts)
        elif isinstance(target, (ast.Starred, ast.withitem)):
            self.bind(target.value if isinstance(target, ast.Starred) else target.optional_vars)
        elif isinstance(target, ast.pattern):
            captures = (ast.MatchAs, ast.MatchStar, ast.MatchMapping)
            for node in ast.walk(target):
                if isinstance(node, captures):
                    self.bind(node.rest if isinstance(node, ast.MatchMapping) else node.name)


def _only_binds(node: ast.stmt) -> bool:
    """Whether a statement does nothing but give values to names, or import on a condition."""
    if isinstance(node, (*NAMED, *IMPORTS)) or _is_text(node):
        return True
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name)
    if isinstance(node, ast.Assign):
        inner = (inner for target in node.targets for inner in ast.walk(target))
        return not any(isinstance(part, (ast.Attribute, ast.Subscript)) for part in inner)
    if isinstance(node, ast.If):
        return all(_only_binds(line) for line in (*node.body, *node.orelse))
    return False


def _root(node: ast.stmt) -> str:
    """The name whose value a statement changes, as in `TABLE[key] = 1` or `TABLE.update(more)`."""
    part: ast.AST | None = None
    if isinstance(node, ast.Assign):
        part = node.targets[0]
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        part = node.target
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        part = node.value.func

    while isinstance(part, (ast.Attribute, ast.Subscript)):
        part = part.value
    return part.id if isinstance(part, ast.Name) else ""


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is nothing but a string, as docstrings are."""
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant and isinstance(node.value.value, str)  # type: ignore[attr-defined]


def _is_main(node: ast.stmt) -> bool:
    """Whether a statement is what a module does when it is run as a program."""
    return isinstance(node, ast.If) and ast.unparse(node.test).startswith("__name__ == ")
