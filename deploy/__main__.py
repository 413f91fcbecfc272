"""Operate the platform: `python -m deploy topics create`, `python -m deploy clock +24h`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable

from aiokafka.errors import KafkaError

from deploy.clock import ClockRefused, parse_step, read_offsets, targets_from, write_offset
from deploy.docs.command import add_docs
from deploy.env import add_env
from deploy.secret_file import add_secrets
from deploy.topics import Cluster, TopicsFailed, create_topics, diff_topics

DONE, FAILED, MISUSED = 0, 1, 2
NOT_IN_THE_IMAGE = ("tests", "httpx")
"""What deploy/docker/Dockerfile leaves out and a local run needs."""

Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed or different, 2 misused."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_topics(commands)
    _add_clock(commands)
    add_docs(commands)
    _add_local_runs(commands)
    add_env(commands)
    add_secrets(commands)
    options = parser.parse_args(arguments)
    run: Command = options.run
    return run(options)


def _add_local_runs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`demo` and `up`, where what they run on is there: the image has no harness."""
    try:
        from deploy.demo.command import add_demo
        from deploy.demo.up import add_up
    except ModuleNotFoundError as error:
        if error.name not in NOT_IN_THE_IMAGE:
            raise
        return
    add_demo(commands)
    add_up(commands)


def _add_topics(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    topics = commands.add_parser(
        "topics",
        help="create the topics of shared/contracts/topics.py, or compare a Kafka with them",
        epilog="example: python -m deploy topics create --bootstrap kafka:9092",
    )
    topics.add_argument("action", choices=("create", "diff"))
    topics.add_argument("--bootstrap", default=os.environ.get("KAFKA_BOOTSTRAP") or None)
    topics.add_argument("--prefix", default="", help="prepended to every topic name")
    topics.add_argument(
        "--control",
        default=os.environ.get("KAFKA_CONTROL") or None,
        help="control port (host:port) of an embedded broker",
    )
    topics.add_argument(
        "--max-replication", type=int, help="number of brokers, where fewer than the registry asks"
    )
    topics.set_defaults(run=_topics)


def _add_clock(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    clock = commands.add_parser(
        "clock",
        help="move the clock of a test or demo platform ahead, set it back to now, or show it",
        epilog="example: python -m deploy clock +24h",
    )
    clock.add_argument("step", metavar="+24h | reset | show")
    clock.set_defaults(run=_clock)


def _topics(options: argparse.Namespace) -> int:
    if not options.bootstrap and not options.control:
        print("which Kafka? --bootstrap or KAFKA_BOOTSTRAP", file=sys.stderr)
        return MISUSED
    cluster = Cluster(options.bootstrap, options.prefix, options.control, options.max_replication)
    run = create_topics if options.action == "create" else diff_topics
    try:
        lines = asyncio.run(run(cluster))
    except TopicsFailed as error:
        print(error, file=sys.stderr)
        return FAILED
    except (KafkaError, OSError) as error:
        print(f"Kafka does not answer: {type(error).__name__}", file=sys.stderr)
        return FAILED
    print(*lines, sep="\n", end="\n" if lines else "")
    return FAILED if lines and options.action == "diff" else DONE


def _clock(options: argparse.Namespace) -> int:
    targets = targets_from(os.environ)
    if not targets:
        print("which databases? <SERVICE>_MONGO_URI, <SERVICE>_MONGO_DATABASE", file=sys.stderr)
        return MISUSED
    try:
        if options.step == "reset":
            write_offset(targets, parse_step("+0s"))
        elif options.step != "show":
            ahead = max(read_offsets(targets).values())
            write_offset(targets, ahead + parse_step(options.step))
    except ValueError as error:
        print(error, file=sys.stderr)
        return MISUSED
    except ClockRefused as error:
        print(error, file=sys.stderr)
        return FAILED
    for service, offset in read_offsets(targets).items():
        print(f"{service}: +{offset}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
