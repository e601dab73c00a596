"""What `import k2stats` brings with it."""

import subprocess
import sys

import pytest

import k2stats

HEAVY = (
    "matplotlib",
    "statsmodels",
    "pydantic",
    "typer",
    "rich",
    "jinja2",
    "formulaic",
)
"""Packages that are imported where they are used, not with k2stats."""


def imported_by(statement: str) -> set[str]:
    """Return the top-level packages that a fresh process holds after `statement`."""
    code = f"{statement}\nimport sys; print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_import_brings_nothing_heavy() -> None:
    packages = imported_by("import k2stats")
    assert "k2stats" in packages
    assert packages.isdisjoint(HEAVY)


@pytest.mark.parametrize("package", ["pydantic", "matplotlib"])
def test_a_package_would_be_noticed(package: str) -> None:
    assert package in imported_by(f"import k2stats, {package}")


def test_audit_stays_a_function_once_its_room_is_imported() -> None:
    code = "import k2stats, k2stats.audit; assert callable(k2stats.audit)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_room_is_reached_as_an_attribute() -> None:
    code = "import k2stats; print(k2stats.effectsizes.conversions.sd_from_se(2.0, 9))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "6.0\n"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = k2stats.effectsizes.nothing


def test_every_public_name_loads_and_is_listed() -> None:
    assert set(k2stats.__all__) <= set(dir(k2stats))
    for name in k2stats.__all__:
        assert getattr(k2stats, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = k2stats.nothing
