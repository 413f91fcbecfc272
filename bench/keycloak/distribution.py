"""The distribution of Keycloak: brought by Maven, built once, kept under `.cache/keycloak`."""

import shutil
import subprocess
from pathlib import Path

from bench.rounds import Skipped
from deploy.local.maven import CACHE, brought, pinned, run_maven
from deploy.local.process import ProcessFailed

POM = Path(__file__).with_name("pom.xml")
BUILD_OPTIONS = (
    "--db=dev-file",
    "--health-enabled=false",
    "--metrics-enabled=false",
)
"""Its own H2 in a file, no second port: the least that it can be asked to do."""
BUILD_S = 300
"""25 s here; assumed."""


def keycloak_version() -> str:
    """The version that `pom.xml` pins."""
    return pinned(POM, "keycloak.version")


def keycloak_home() -> Path:
    """Where Keycloak is, ready to be started. Raises `Skipped` if it cannot be brought."""
    try:
        return brought(CACHE / "keycloak" / keycloak_version(), _unpack_and_build)
    except (ProcessFailed, subprocess.TimeoutExpired) as error:
        raise Skipped(f"Keycloak {keycloak_version()} n’a pas pu être apporté : {error}") from error


def _unpack_and_build(folder: Path) -> None:
    copied = folder.with_name("copied")
    options = (f"-DoutputDirectory={copied}", "-DincludeTypes=zip")
    run_maven(POM, "dependency:copy-dependencies", *options)
    (archive,) = copied.glob("*.zip")
    shutil.unpack_archive(archive, copied)
    (copied / f"keycloak-{keycloak_version()}").rename(folder)
    run = subprocess.run(  # noqa: S603 (what Maven just brought)
        ["/bin/sh", str(folder / "bin/kc.sh"), "build", *BUILD_OPTIONS],
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if run.returncode:
        raise ProcessFailed(f"kc.sh build failed\n{run.stdout}{run.stderr}")
