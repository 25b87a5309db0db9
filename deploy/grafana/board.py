"""Writes dashboards/limner.json, the board that Grafana shows: `python deploy/grafana/board.py`, after `make test`."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

FILE = Path(__file__).with_name("dashboards") / "limner.json"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
RATE = "[$__rate_interval]"
HALF, MOST = 0.5, 0.95


def quantile(share: float, name: str, *by: str) -> str:
    """Return the query of a histogram's quantile, by labels."""
    return f"histogram_quantile({share}, sum by ({', '.join(('le', *by))}) (rate({name}_bucket{RATE})))"


def rate(name: str, *by: str, where: str = "") -> str:
    """Return the query of a counter's rate each second, summed by labels."""
    return f"sum by ({', '.join(by)}) (rate({name}{where}{RATE}))"


Queries = dict[str, str]
"""Queries by their legends."""

NOW: dict[str, tuple[str, str]] = {
    "On Discord": ("limner_bot_discord_up", "short"),
    "Engine": ("limner_bot_engine_up", "short"),
    "On their way": ("limner_bot_jobs_running", "short"),
    "Wait for moderators": ("limner_bot_jobs_held", "short"),
    "Ledger's difference": ("limner_bot_ledger_difference", "short"),
    "Disk left": ("limner_bot_disk_free_bytes", "bytes"),
}

ROWS: dict[str, dict[str, tuple[str, Queries]]] = {
    "Commands": {
        "Commands and buttons": ("ops", {"{{command}}": rate("limner_bot_interactions_total", "command")}),
        "Refused and failed": (
            "ops",
            {
                "{{command}} {{outcome}}": rate(
                    "limner_bot_interactions_total", "command", "outcome", where='{outcome!="ok"}'
                )
            },
        ),
        "Seconds to the answer, 95 %": (
            "s",
            {"{{command}}": quantile(MOST, "limner_bot_interaction_seconds", "command")},
        ),
        "Acknowledgement; Discord allows 3 s": (
            "s",
            {f"{share:.0%}": quantile(share, "limner_bot_acknowledgement_seconds") for share in (HALF, MOST)},
        ),
    },
    "Requests": {
        "Accepted and ended": (
            "ops",
            {"accepted": rate("limner_bot_jobs_accepted_total"), "{{end}}": rate("limner_bot_jobs_ended_total", "end")},
        ),
        "Refusals": ("ops", {"{{why}}": rate("limner_bot_refusals_total", "why")}),
        "Why requests fail": (
            "ops",
            {"{{reason}}": rate("limner_bot_failures_total", "reason"), "refunds": rate("limner_bot_refunds_total")},
        ),
        "From request to picture": (
            "s",
            {f"{share:.0%}": quantile(share, "limner_bot_job_seconds") for share in (HALF, MOST)}
            | {"the oldest on its way": "limner_bot_job_age_seconds"},
        ),
        "Ledger": (
            "short",
            {
                "reservations held": "limner_bot_reservations_held",
                "on their way": "limner_bot_jobs_running",
                "wait for moderators": "limner_bot_jobs_held",
                "adrift": "limner_bot_jobs_adrift",
                "difference": "limner_bot_ledger_difference",
            },
        ),
        "Not delivered, not written": (
            "ops",
            {
                "{{what}}": rate("limner_bot_delivery_failures_total", "what"),
                "database": rate("limner_bot_store_failures_total"),
            },
        ),
    },
    "Discord": {
        "Requests by status": (
            "ops",
            {"{{method}} {{status}}": rate("limner_bot_discord_requests_total", "method", "status")},
        ),
        "Seconds of a request, 95 %": (
            "s",
            {"{{method}}": quantile(MOST, "limner_bot_discord_request_seconds", "method")},
        ),
        "Gateway": ("s", {"shard {{shard}}": "limner_bot_discord_shard_latency_seconds"}),
        "Shards on Discord": ("short", {"up": "sum(limner_bot_discord_shard_up)"}),
    },
    "Engine": {
        "Waiting and running": (
            "short",
            {"{{lane}} wait": "limner_engine_queue_jobs", "{{lane}} run": "limner_engine_running_jobs"},
        ),
        "The oldest that waits": ("s", {"{{lane}}": "limner_engine_queue_age_seconds"}),
        "Wait and work, 95 %": (
            "s",
            {
                "{{lane}} wait": quantile(MOST, "limner_engine_wait_seconds", "lane"),
                "{{lane}} work": quantile(MOST, "limner_engine_job_seconds", "lane"),
            },
        ),
        "Step, half of them": ("s", {"{{size}}": quantile(HALF, "limner_engine_step_seconds", "size")}),
        "Seconds by phase, half of them": (
            "s",
            {"{{phase}}": quantile(HALF, "limner_engine_phase_seconds", "phase")},
        ),
        "Rows in a batch": (
            "short",
            {
                "mean": f"{rate('limner_engine_batch_rows_sum')} / {rate('limner_engine_batch_rows_count')}",
                "cap of {{size}}": "limner_engine_batch_cap",
            },
        ),
        "Pictures a minute": ("short", {"pictures": f"60 * {rate('limner_engine_pictures_total')}"}),
        "Tokens each second": ("short", {"{{kind}}": rate("limner_engine_tokens_total", "kind")}),
        "Jobs by end, refusals": (
            "ops",
            {
                "{{lane}} {{end}}": rate("limner_engine_jobs_total", "lane", "end"),
                "refused: {{code}}": rate("limner_engine_refusals_total", "code"),
            },
        ),
        "HTTP requests": ("ops", {"{{route}} {{status}}": rate("limner_engine_requests_total", "route", "status")}),
        "Memory of the device": ("bytes", {"{{kind}}": "limner_engine_device_bytes"}),
    },
    "Processes": {
        "Memory": ("bytes", {"{{job}}": 'process_resident_memory_bytes{job=~"limner-.*"}'}),
        "CPU": ("percentunit", {"{{job}}": f'rate(process_cpu_seconds_total{{job=~"limner-.*"}}{RATE})'}),
        "Tasks and files": (
            "short",
            {"tasks of the bot": "limner_bot_tasks", "files of {{job}}": 'process_open_fds{job=~"limner-.*"}'},
        ),
        "Starts of the engine": (
            "short",
            {
                "by the bot": "limner_bot_engine_starts_total",
                "seen": 'changes(process_start_time_seconds{job="limner-engine"}[1h])',
            },
        ),
        "Database": ("bytes", {"size": "limner_bot_database_bytes", "disk left": "limner_bot_disk_free_bytes"}),
    },
}


def query(expr: str, legend: str, ref: int) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(chr(ord("A") + ref)).datasource(SOURCE)


def number(title: str, expr: str, unit: str) -> stat.Panel:
    panel = stat.Panel().title(title).unit(unit).height(4).span(24 // len(NOW)).datasource(SOURCE)
    return panel.with_target(query(expr, "", 0))


def curves(title: str, unit: str, queries: Queries) -> timeseries.Panel:
    panel = timeseries.Panel().title(title).unit(unit).min(0).height(8).span(8).datasource(SOURCE)
    for ref, (legend, expr) in enumerate(queries.items()):
        panel.with_target(query(expr, legend, ref))
    return panel


def board() -> str:
    """Return the board as JSON."""
    made = dashboard.Dashboard("Limner").uid("limner").tags(["limner"]).refresh("30s").time("now-6h", "now").readonly()
    made.timezone("browser")
    for title, (expr, unit) in NOW.items():
        made.with_panel(number(title, expr, unit))
    for row, panels in ROWS.items():
        made.with_row(dashboard.Row(row))
        for title, (unit, queries) in panels.items():
            made.with_panel(curves(title, unit, queries))
    return JSONEncoder(sort_keys=True, indent=1).encode(made.build()) + "\n"


if __name__ == "__main__":
    FILE.write_text(board())
