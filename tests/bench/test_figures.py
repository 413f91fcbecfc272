"""Figures are turned the right way, and computed over the middle."""

import json

import pytest

from bench import report
from bench.figures import against_limit, compare
from bench.timing import curve_rate, middle_rate, percentile


def test_ratio_of_a_rate_is_ours_over_the_others() -> None:
    figure = compare("commands", [90, 100, 400], [10, 50, 60], "/s", bar=2.0, broker="apache")
    assert (figure.ours, figure.beside, figure.ratio, figure.reached) == (100, 50, 2, True)
    assert figure.spread == {"ours": [90, 400], "beside": [10, 60]}


def test_ratio_of_a_latency_is_turned() -> None:
    figure = compare(
        "latency_p99", [20.0], [10.0], "ms", bar=0.67, broker="apache", lower_is_better=True
    )
    assert (figure.ratio, figure.reached) == (0.5, False)


def test_limit_divided_by_ours() -> None:
    figure = against_limit("memory_identity", [100.0], 130.0, "Mo", broker="apache")
    assert (figure.beside, figure.ratio, figure.reached) == (130, 1.3, True)


def test_reported_figure_has_no_verdict() -> None:
    figure = compare("commands_two_replicas", [2], [1], "/s", bar=None, broker="apache")
    assert figure.reached is None


def test_with_nobody_beside_ours_is_only_reported() -> None:
    figure = compare("sign_ins", [80, 90], [], "/s", bar=2.5, broker="apache")
    assert (figure.ours, figure.beside, figure.ratio, figure.bar) == (85, None, None, None)
    assert figure.spread == {"ours": [80, 90]}
    assert report.say(figure) == f"{report.LABELS['sign_ins']} : 85,0 /s"
    assert "rapporté" in report.render([figure], [])


def test_rate_leaves_out_start_and_end() -> None:
    steady = [10 + n / 100 for n in range(1000)]
    assert middle_rate(steady) == pytest.approx(100)
    assert middle_rate([0.0, *steady[1:-1], 999.0]) == pytest.approx(100)


def test_rate_of_a_counter_is_read_between_two_looks() -> None:
    points = [(0.0, 0), (1.0, 0), (2.0, 500), (3.0, 1000), (9.0, 1000)]
    assert curve_rate(points, 1000) == pytest.approx(500)


def test_percentiles() -> None:
    values = list(range(100, 0, -1))
    assert (percentile(values, 0.5), percentile(values, 0.99)) == (51, 100)


def test_run_of_some_rows_keeps_the_others(tmp_path) -> None:
    results, page = tmp_path / "results.json", tmp_path / "benchmarks.md"
    commands = compare("commands", [80], [10], "/s", bar=8.0, broker="apache")
    memory = against_limit("memory_identity", [100.0], 130.0, "Mo", broker="apache")
    report.save([commands, memory], [], results, page)
    better = compare("commands", [90], [10], "/s", bar=8.0, broker="apache")
    assert report.save([better], [("Date", "hier")], results, page) == [better, memory]
    assert [each["name"] for each in json.loads(results.read_text())] == [
        "commands",
        "memory_identity",
    ]
    assert "≥ 8,00 | atteinte" in page.read_text()
