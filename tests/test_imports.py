import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import wallpaint
import wallpaint.diffusion

SOURCE = Path(wallpaint.__file__).parent

# From the first to the last, each layer imports only those before it; layers side by side do not import each other.
LAYERS = [
    ["color"],
    ["photo"],
    ["networks"],
    ["mask"],
    ["reference"],
    ["metrics"],
    ["albedo"],
    ["diffusion"],
    ["painter"],
    ["data"],
    ["evaluate"],
    ["train"],
    ["serve"],
    ["cli"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ALLOWED = {name: {other for other in RANK if RANK[other] < RANK[name]} for name in RANK}
ALLOWED["rooms"] = {"color", "photo"}
for user in ("data", "evaluate", "train", "serve", "cli"):
    ALLOWED[user] |= {"rooms", "sheet"}
for user in ("serve", "cli"):
    ALLOWED[user] |= {"example"}
ALLOWED["sheet"] = ALLOWED["painter"] | {"painter"}  # pictures of repaints
ALLOWED["example"] = set()
for user in ("rooms", "data", "evaluate", "train"):
    ALLOWED[user] |= {"worker_process"}
ALLOWED["worker_process"] = ALLOWED["errors"] = set()
ALLOWED["optional"] = {"errors"}
EVERYWHERE = {"errors", "optional"}
MOST_FILES = 14  # Python files in a folder; `cli` has one for each command
FILES = sorted(SOURCE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in FILES})
MODULES = {
    ".".join(["wallpaint", *path.relative_to(SOURCE).with_suffix("").parts]).removesuffix(".__init__"): path
    for path in FILES
}


def part_of(path):
    """The folder or module of the package that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(tree, package):
    """The parts of the package that a module imports, wherever in the module it does so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            home = ".".join(filter(None, [base, node.module]))
            names = [f"{home}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("wallpaint."):
                yield name.split(".")[1]


def package_of(path):
    return ".".join(["wallpaint", *path.relative_to(SOURCE).parent.parts])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_run_one_way(path):
    part = part_of(path)
    if part == "__init__":
        part = "optional"  # the face of the package imports nothing else before a name is asked for
    assert part in ALLOWED, f"{part} has no place in the order yet"
    allowed = ALLOWED[part] | EVERYWHERE | {part}
    parts = {
        name for name in imports_of(ast.parse(path.read_text(encoding="utf-8")), package_of(path)) if is_part(name)
    }
    assert parts <= allowed


def module_imports(path):
    """The modules of the package that a module imports at its top level, for type checking too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wallpaint"):
            found |= {
                full if (full := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        elif isinstance(node, ast.With | ast.Try | ast.If):
            waiting.extend(node.body)
    return found


def test_no_modules_import_each_other_in_a_circle():
    order = graphlib.TopologicalSorter(
        {name: module_imports(path) - {name} for name, path in MODULES.items() if path.name != "__init__.py"}
    )
    order.prepare()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(SOURCE).as_posix())
def test_no_folder_is_crowded(folder):
    if folder != SOURCE / "cli":
        assert len(list(folder.glob("*.py"))) <= MOST_FILES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(SOURCE).as_posix())
def test_every_folder_says_what_lives_there(folder):
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


def is_part(name):
    """Whether a name is a folder or a module of the package, and not something its face hands on."""
    return (SOURCE / name).is_dir() or (SOURCE / f"{name}.py").is_file()


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("import wallpaint.painter", "painter"),
        ("from wallpaint.painter import Room", "painter"),
        ("from wallpaint import painter", "painter"),
        ("from ..painter import Room", "painter"),
        ("def f():\n    from wallpaint.painter import Room", "painter"),
    ],
)
def test_every_way_to_import_is_seen(line, part):
    assert list(imports_of(ast.parse(line), "wallpaint.color")) == [part]


def loaded_after(statement):
    """Names of the modules that a fresh interpreter holds after a statement."""
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_wallpaint_loads_nothing_heavy():
    loaded = loaded_after("import wallpaint")
    assert "wallpaint" in loaded
    assert not loaded & {"torch", "cv2", "diffusers", "transformers", "pymatting", "numba", "sklearn", "numpy", "PIL"}


def test_painting_loads_no_torch():
    loaded = loaded_after("from wallpaint import Repainter; Repainter()")
    assert "cv2" in loaded
    assert not loaded & {"torch", "diffusers", "transformers", "sklearn", "pymatting"}


@pytest.mark.parametrize("statement", ["import wallpaint.diffusion", "from wallpaint.diffusion import KNOWN_MODELS"])
def test_importing_diffusion_loads_no_torch(statement):
    loaded = loaded_after(statement)
    assert "wallpaint" in loaded
    assert not loaded & {"torch", "diffusers", "transformers", "peft", "huggingface_hub"}


@pytest.mark.parametrize(
    ("face", "name"), [(face, name) for face in (wallpaint, wallpaint.diffusion) for name in face.__all__]
)
def test_every_public_name_can_be_had(face, name):
    assert getattr(getattr(face, name), "__name__", name) == name
    assert name in dir(face)


def test_a_name_that_is_none_is_refused_as_python_does():
    with pytest.raises(AttributeError, match="Reapinter"):
        wallpaint.Reapinter  # noqa: B018
