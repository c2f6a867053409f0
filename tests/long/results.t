#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/e2e/results.t at full length: at least 1000 of each operation.
export RESULTS_EACH=1000 limit_s=1200
exec sh "$(dirname "$0")/../e2e/results.t"
