"""The house rules, as laws a machine can check (decision 0002 says why each is there).

A law is a public function: it takes the root of a source tree and returns what breaks it, one line
each. tests/test_house.py holds every law against this tree and against planted faults.
"""

from __future__ import annotations

import ast
import functools
import io
import os
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE_FOLDERS = ("src", "tests", "benchmarks", "examples")

MOST_LINES_OF_A_FILE = 500
MOST_CODE_LINES_OF_A_FUNCTION = 60
MOST_PARAMETERS = 6
# A command's options and an endpoint's query are its parameters; a dataclass would only hide them.
MANY_PARAMETERS_ARE_FINE_IN = {"cli", "serve"}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "core", "manager", "managers"}

PURE_CORE = {
    *("domain", "errors", "progress", "metrics", "features", "binning", "scoring", "policy"),
    *("simulate", "lending", "monitor"),
}  # fmt: skip
# What the API process loads. Training, reports and the terminal may take their time.
RUN_TIME = (
    *("solvent", "solvent.errors", "solvent.progress", "solvent.domain", "solvent.metrics"),
    *("solvent.features", "solvent.binning", "solvent.scoring", "solvent.models"),
    *("solvent.policy", "solvent.store", "solvent.app", "solvent.serve", "solvent.client"),
)  # fmt: skip
SLOW_TO_LOAD = ("altair", "matplotlib", "mlflow", "optbinning", "pandas", "shap", "sklearn")
RUNS_CODE_WHEN_READ = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
# Held by tests/test_house.py: the error tree is drawn as it is.
TESTED_HERE = {"errors"}

# Spelt in pieces, so that the law does not find itself.
REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb.de" + "bian.org")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|farm|opt/wheels|tmp|home|Users)/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


# ---------------------------------------------------------------------------- reading a source tree


def _python_files(root: Path, *folders: str) -> Iterator[Path]:
    for folder in folders or CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "__pycache__" not in path.parts:
                yield path


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def _room(path: Path, root: Path) -> str:
    """Return the room a file of `src/solvent` is in: `metrics`, or `errors` for a single file."""
    return Path(path.relative_to(root / "src" / "solvent").parts[0]).stem


def _at(path: Path, root: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else ""
    return f"{path.relative_to(root).as_posix()}{line}"


def _code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold code: no blank, comment or docstring."""
    silent = {
        *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
        *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
    }
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in silent
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                lines -= set(_span(node))
    return lines


def _span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _imported(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node


# ---- the laws


def files_fit_one_sitting(root: Path) -> list[str]:
    """No file is longer than 500 lines."""
    found = []
    for path in _python_files(root):
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > MOST_LINES_OF_A_FILE:
            found.append(f"{_at(path, root)}: {length} lines")
    return found


def functions_fit_one_screen(root: Path) -> list[str]:
    """No function has more than 60 lines of code; docstrings, comments and blanks are free."""
    found = []
    for path in _python_files(root):
        source = path.read_text(encoding="utf-8")
        code = _code_lines(source)
        for function in _functions(ast.parse(source)):
            size = len(code & set(_span(function)))
            if size > MOST_CODE_LINES_OF_A_FUNCTION:
                found.append(
                    f"{_at(path, root, function)}: {function.name} has {size} lines of code"
                )
    return found


def more_than_six_parameters_are_a_dataclass(root: Path) -> list[str]:
    """No function takes more than six parameters, commands and endpoints excepted."""
    found = []
    for path in _python_files(root, "src"):
        if _room(path, root) in MANY_PARAMETERS_ARE_FINE_IN:
            continue
        for function in _functions(_tree(path)):
            given = function.args
            names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            names += [a.arg for a in (given.vararg, given.kwarg) if a is not None]
            count = len(names) - (names[:1] in (["self"], ["cls"]))
            if count > MOST_PARAMETERS:
                found.append(
                    f"{_at(path, root, function)}: {function.name} takes {count} parameters"
                )
    return found


def every_file_has_a_name(root: Path) -> list[str]:
    """No file or folder is a drawer: utils, helpers, common, misc, core, manager."""
    return [
        f"{_at(path, root)}: name it after what it holds"
        for path in _python_files(root)
        if DRAWERS & {Path(part).stem for part in path.relative_to(root).parts}
    ]


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names a module's top level binds, inside `if` and `try` too."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (name.id for name in node.targets if isinstance(name, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.If | ast.Try):
            yield from _bound(node.body)
            yield from _bound(node.orelse)


def _declared(tree: ast.Module) -> set[str]:
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and "__all__" in _bound([node]):
            return set(ast.literal_eval(value))
    return set()


def all_is_what_is_public(root: Path) -> list[str]:
    """A package's `__all__` lists its public names, every one and no other."""
    found = []
    for path in _python_files(root, "src"):
        if path.name != "__init__.py":
            continue
        tree = _tree(path)
        public = {name for name in _bound(tree.body) if not name.startswith("_")}
        public.discard("TYPE_CHECKING")
        declared = {name for name in _declared(tree) if not name.startswith("__")}
        found += [f"{_at(path, root)}: {name} is public, not listed" for name in public - declared]
        found += [f"{_at(path, root)}: {name} is listed, not there" for name in declared - public]
    return sorted(found)


def rooms_have_their_tests(root: Path) -> list[str]:
    """A room has a folder of tests, a lone file a test or doctest, a metric a test of its name."""
    house, tests = root / "src" / "solvent", root / "tests"
    wanted = {room.parent: f"{room.parent.name}/test_*.py" for room in house.glob("*/__init__.py")}
    for path in house.glob("[!_]*.py"):
        if path.stem not in TESTED_HERE and ">>> " not in path.read_text(encoding="utf-8"):
            wanted[path] = f"test_{path.name}"
    for package in house.glob("metrics/__init__.py"):
        for metric in _declared(_tree(package)):
            wanted[package.with_name(f"{metric}.py")] = f"metrics/test_{metric}.py"
    return [
        f"{_at(path, root)}: no tests/{test}"
        for path, test in sorted(wanted.items())
        if path.exists() and not list(tests.glob(test))
    ]


def nothing_read_runs_code(root: Path) -> list[str]:
    """Nothing is saved in a format that runs code when it is read back."""
    found = []
    for path in _python_files(root, "src"):
        tree = _tree(path)
        found += [
            f"{_at(path, root, node)}: imports {name}"
            for name, node in _imported(tree)
            if name.partition(".")[0] in RUNS_CODE_WHEN_READ
        ]
        found += [
            f"{_at(path, root, node.value)}: allow_pickle"
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle"
            if not (isinstance(node.value, ast.Constant) and node.value.value is False)
        ]
    return found


def _ours(root: Path) -> list[Path]:
    """Return the files that are, or would be, in a commit; all of them where there is no git."""
    if not (root / ".git").exists():
        return [path for path in sorted(root.rglob("*")) if path.is_file()]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    paths = (root / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def no_registry_and_no_machine_is_named(root: Path) -> list[str]:
    """No file names a package registry's host or a path of one machine."""
    found = []
    for path in _ours(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if any(host in line.lower() for host in REGISTRIES) or MACHINE_PATH.search(line):
                found.append(f"{_at(path, root)}:{number}: {line.strip()[:80]}")
    return found


def the_core_imports_no_io_library(root: Path) -> list[str]:
    """No file of the core imports what the import-linter contract forbids it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (pure,) = (each for each in contracts["contracts"] if each["id"] == "pure-core")
    return [
        f"{_at(path, root, node)}: the core imports {name}"
        for path in _python_files(root, "src")
        if _room(path, root) in PURE_CORE
        for name, node in _imported(_tree(path))
        if name.partition(".")[0] in pure["forbidden_modules"]
    ]


def _public_definitions(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_definitions(node.body)


def everything_public_is_documented(root: Path) -> list[str]:
    """Every public function, class and method of a public module has a docstring."""
    return [
        f"{_at(path, root, node)}: {node.name} has no docstring"
        for path in _python_files(root, "src")
        if not _is_private(path, root)
        for node in _public_definitions(_tree(path).body)
        if ast.get_docstring(node) is None
        if not any(_is_repetition(decorator) for decorator in node.decorator_list)
    ]


def _is_private(path: Path, root: Path) -> bool:
    """Tell whether a file, or a folder it is in, begins with one underscore."""
    parts = path.relative_to(root).parts
    return any(part.startswith("_") and not part.startswith("__") for part in parts)


def _is_repetition(decorator: ast.expr) -> bool:
    """Tell whether a decorator marks a second spelling of what is documented elsewhere."""
    last = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
    return last in {"overload", "override", "setter", "deleter"}


def wrong_input_raises_an_error_of_ours(root: Path) -> list[str]:
    """No `assert` stands in src: it vanishes under -O, and says nothing to the reader."""
    return [
        f"{_at(path, root, node)}: assert"
        for path in _python_files(root, "src")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Assert)
    ]


def only_commands_print(root: Path) -> list[str]:
    """Nothing outside `cli` prints: a library hands its words to whoever called it."""
    return [
        f"{_at(path, root, node)}: print"
        for path in _python_files(root, "src")
        if _room(path, root) != "cli"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


# Imports each module named after the first argument; tells what it connected to and what it loaded.
PROBE = """
import importlib, sys
slow, told, where = sys.argv[1].split(","), set(), ""
def tell(kind, what):
    if (kind, what) not in told:
        told.add((kind, what))
        sys.stdout.write(f"{where}|{kind}|{what}\\n")
def listen(event, arguments):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect"}:
        tell("connects", event)
sys.addaudithook(listen)
try:
    import duckdb
    duckdb.connect = lambda *_, **__: tell("connects", "duckdb.connect")
except ModuleNotFoundError:
    pass
for where in sys.argv[2:]:
    try:
        importlib.import_module(where)
    except Exception as error:
        tell("fails", repr(error))
    for name in slow:
        if name in sys.modules:
            tell("loads", name)
"""


def _modules(root: Path) -> list[str]:
    paths = [path.relative_to(root / "src") for path in _python_files(root, "src")]
    parts = [path.with_suffix("").parts for path in paths if path.name != "__main__.py"]
    return [".".join(part[:-1] if part[-1] == "__init__" else part) for part in parts]


@functools.cache
def _probe(root: Path, modules: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Import modules in a fresh interpreter; return (module, connects | loads | fails, what)."""
    told = subprocess.run(
        [sys.executable, "-c", PROBE, ",".join(SLOW_TO_LOAD), *modules],
        check=True, capture_output=True, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
    )  # fmt: skip
    rows = (line.split("|", 2) for line in told.stdout.splitlines())
    return [(module, kind, what) for module, kind, what in rows]


def importing_connects_to_nothing(root: Path) -> list[str]:
    """Every module can be imported, and importing it connects to nothing."""
    rows = _probe(root, tuple(_modules(root)))
    return [f"{module}: {kind} {what}" for module, kind, what in rows if kind != "loads"]


def the_api_process_loads_nothing_slow(root: Path) -> list[str]:
    """Importing the rooms the API runs on loads no library of training or drawing."""
    there = [module for module in RUN_TIME if module in set(_modules(root))]
    rows = _probe(root, tuple(there))
    return [f"{module}: {kind} {what}" for module, kind, what in rows if kind == "loads"]
