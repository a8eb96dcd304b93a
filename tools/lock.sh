#!/usr/bin/env bash
# Writes requirements/dev.txt and requirements/run.txt from pyproject.toml; run.txt takes its versions from dev.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
common=(--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
        --quiet pyproject.toml requirements/build.in)
uv pip compile "${common[@]}" --extra dev -o requirements/dev.txt
uv pip compile "${common[@]}" -c requirements/dev.txt -o requirements/run.txt
