"""Measure: `python -m bench`, `python -m bench commands latency`, `python -m bench --full`."""

import argparse
import asyncio
import dataclasses
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil

from bench import report
from bench.conditions import describe
from bench.figures import Figure
from bench.rounds import Skipped
from bench.rows import (
    account_to_mails,
    accounts,
    campaign,
    commands,
    droits,
    droits_million,
    habilitations,
    hot,
    http,
    latency,
    mails,
    memory,
    projection,
    rebuild,
    replicas,
    sign_ins,
)
from bench.scale import FULL, QUICK, USUAL, Scale
from bench.stage import Stage, open_stage
from bench.wire import Unfinished
from deploy.local.process import ROOT, ProcessFailed

Row = Callable[[Stage, Scale], Awaitable[list[Figure]]]
ROWS: dict[str, Row] = {
    "commands": commands.measure,
    "habilitations": habilitations.measure,
    "droits": droits.measure,
    "projection": projection.measure,
    "latency": latency.measure,
    "http": http.measure,
    "replicas": replicas.measure,
    "hot": hot.measure,
    "memory": memory.measure,
    "sign_ins": sign_ins.measure,
    "accounts_created": accounts.measure,
    "account_to_mails": account_to_mails.measure,
    "mails": mails.measure,
    "campaign": campaign.measure,
    "rebuild": rebuild.measure,
    "droits_million": droits_million.measure,
}
EMBEDDED_ROWS = ("commands", "projection", "latency")
"""What depends on the broker and can run on the embedded one."""
NEVER_EMBEDDED = ("replicas", "hot", "rebuild", "droits_million")
"""What the embedded broker cannot do: share a group between two processes, or keep a million facts
(deploy/local/mock_cluster.py: 5 MiB of a partition)."""
DONE, MISSED = 0, 1
FAILURES = (AssertionError, ProcessFailed, TimeoutError, Unfinished, psutil.Error)
"""What ends one row and not the run: the others still give their figures."""


class Session:
    """One run: plays rows, writes what each gave, goes on when one fails."""

    def __init__(self, scale: Scale, repository: Path | None, output: Path | None) -> None:
        self._scale = scale
        self._conditions = describe()
        self._files: tuple[Path, Path] | None = None
        if output is not None:
            self._files = output / "results.json", output / "benchmarks.md"
        elif repository is not None:
            self._files = repository / "bench/results.json", repository / "docs/benchmarks.md"
        self._judged = repository is not None
        self._unmeasured = 0
        self._figures: list[Figure] = []

    @property
    def status(self) -> int:
        """The exit status: a row that failed always counts, a bar only where figures mean it."""
        missed = self._judged and any(figure.reached is False for figure in self._figures)
        return MISSED if missed or self._unmeasured else DONE

    async def play(self, plan: dict[str, list[str]]) -> None:
        """Play rows, broker by broker."""
        for broker, names in plan.items():
            if names:
                with open_stage(broker) as stage:
                    for name in names:
                        await self._row(stage, name)

    async def _row(self, stage: Stage, name: str) -> None:
        started = time.monotonic()
        try:
            figures = await ROWS[name](stage, self._scale)
        except Skipped as reason:
            print(f"[{stage.broker}] {name} est laissée de côté : {reason}", flush=True)
            return
        except FAILURES as error:
            self._unmeasured += 1
            print(f"[{stage.broker}] {name} n’a pas pu être mesurée : {error}", flush=True)
            return
        self._figures += figures
        if self._files is not None and figures:
            report.save(figures, self._conditions, *self._files)
        for figure in figures:
            print(f"[{stage.broker}] {report.say(figure)}", flush=True)
        print(f"[{stage.broker}] {name} : {time.monotonic() - started:.0f} s", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write; 1 when a bar was missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Mesurer, à côté de boucles nues et de Keycloak, et l’écrire.",
    )
    parser.add_argument("rows", nargs="*", metavar="ligne", help=f"toutes, ou : {', '.join(ROWS)}")
    parser.add_argument("--broker", choices=("apache", "embedded", "docker"), help="un seul broker")
    parser.add_argument("--rounds", type=int, help="manches de chaque côté (5)")
    parser.add_argument("--quick", action="store_true", help="rien que prouver que tout marche")
    parser.add_argument("--full", action="store_true", help="aussi ce qui est long")
    parser.add_argument("--output", type=Path, help="où écrire, au lieu du dépôt")
    options = parser.parse_args(arguments)
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"lignes inconnues : {', '.join(sorted(unknown))}")
    session = Session(_scale(options), None if options.quick else ROOT, options.output)
    asyncio.run(session.play(_plan(options)))
    return session.status


def _scale(options: argparse.Namespace) -> Scale:
    scale = QUICK if options.quick else FULL if options.full else USUAL
    return dataclasses.replace(scale, rounds=options.rounds) if options.rounds else scale


def _plan(options: argparse.Namespace) -> dict[str, list[str]]:
    """The rows to play on each broker."""
    asked = options.rows or list(ROWS)
    if options.broker == "embedded":
        return {"embedded": [name for name in asked if name not in NEVER_EMBEDDED]}
    if options.broker:
        return {options.broker: asked}
    embedded = [name for name in asked if name in EMBEDDED_ROWS]
    return {"apache": asked, "embedded": embedded}


if __name__ == "__main__":
    sys.exit(main())
