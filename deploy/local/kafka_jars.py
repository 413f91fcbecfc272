"""The jars of Apache Kafka, copied once by Maven into `.cache/kafka/<version>`."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from deploy.local.process import ROOT, ProcessFailed

POM = Path(__file__).with_name("pom.xml")
CACHE = ROOT / ".cache" / "kafka"
COPY_S = 600
"""45 jars, 43 MB; on a first run Maven also fetches its own plugins; assumed."""


def kafka_version() -> str:
    """The version that `pom.xml` pins."""
    version = ET.parse(POM).findtext(".//{*}kafka.version")  # noqa: S314 (our own file)
    if version is None:
        raise ProcessFailed(f"{POM.name} pins no kafka.version")
    return version


def kafka_jars() -> Path:
    """The folder of the jars, filled by Maven if it is not there yet."""
    folder = CACHE / kafka_version()
    if folder.exists():
        return folder
    mvn = shutil.which("mvn")
    if mvn is None:
        raise ProcessFailed("no mvn: KAFKA=apache needs Maven and a Java 17 runtime")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as partial:
        copied = Path(partial) / "jars"
        command = [mvn, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
        command += [f"-DoutputDirectory={copied}", "-DincludeScope=runtime"]
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=COPY_S, check=False, env=os.environ
        )
        if run.returncode:
            raise ProcessFailed(f"mvn failed\n{run.stdout}{run.stderr}")
        try:
            copied.rename(folder)
        except OSError:  # another run was faster
            if not folder.exists():
                raise
    return folder
