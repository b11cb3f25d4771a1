"""Scores models with `ganeval evaluate`, and writes the report if one is asked for."""

from pathlib import Path

from snakemake.shell import shell

log = snakemake.log_fmt_shell(stdout=True, stderr=True)  # noqa: F821 - given by Snakemake
extra = snakemake.params.get("extra", "")  # noqa: F821
metrics = snakemake.params.get("metrics", "fid,kid")  # noqa: F821
report = snakemake.output.get("report", "")  # noqa: F821

shell(
    "python -m ganeval evaluate {snakemake.input.real:q} {snakemake.input.models:q}"
    " --feature-net {snakemake.params.feature_net:q} --metrics {metrics:q}"
    " --num-workers {snakemake.threads} {extra} -o {snakemake.output.scores:q} {log}"
)
if influences := snakemake.output.get("influences"):  # noqa: F821
    Path(influences).mkdir(exist_ok=True)  # not every metric has some
if report:
    append = snakemake.log_fmt_shell(stdout=True, stderr=True, append=True)  # noqa: F821
    shell("python -m ganeval report {snakemake.output.scores:q} -o {report:q} {append}")
