#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/e2e/ways.t at full length: at least 1000 changes of the share are noticed in each way.
export WAYS_CHANGES=1000 WAYS_S=300
exec sh "$(dirname "$0")/../e2e/ways.t"
