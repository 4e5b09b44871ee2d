import subprocess
import sys


def imported_by(statement):
    """Names of all modules loaded once a fresh Python has run a statement."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_help_names_every_command(run):
    text = run("--help").out
    for command in ("paint", "palette", "measure", "colors", "demo"):
        assert command in text


def test_the_command_line_starts_without_the_heavy_libraries():
    heavy = {"torch", "cv2", "PIL", "pymatting", "numba", "sklearn", "scipy", "numpy"}
    assert not heavy & imported_by("import wallpaint.cli")


def test_version_is_the_installed_one(run):
    from importlib.metadata import version

    assert version("wallpaint") in run("--version").out


def test_importing_wallpaint_loads_no_heavy_library():
    assert not {"torch", "cv2", "numpy", "diffusers"} & imported_by("import wallpaint")
