"""The jars of Apache Kafka, copied once by Maven into `.cache/kafka/<version>`: 45, 43 MB."""

from pathlib import Path

from deploy.local.maven import CACHE, brought, pinned, run_maven

POM = Path(__file__).with_name("pom.xml")


def kafka_version() -> str:
    """The version that `pom.xml` pins."""
    return pinned(POM, "kafka.version")


def kafka_jars() -> Path:
    """The folder of the jars, filled by Maven if it is not there yet."""
    return brought(CACHE / "kafka" / kafka_version(), _copy)


def _copy(folder: Path) -> None:
    options = (f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    run_maven(POM, "dependency:copy-dependencies", *options)
