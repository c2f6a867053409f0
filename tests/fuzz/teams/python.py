#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program of a seed (teams.c) as a library of Python's: each step is a call of its own."""
import ctypes
import os
import sys

library = ctypes.CDLL(os.environ["LIBTEAMS"])
program = os.environ["TEAMS"].encode()
BACK = ctypes.CFUNCTYPE(None)


@BACK
def back():
    """Some steps of the interpreter, in the middle of an operation."""
    for _ in range(200):
        pass


seed = ctypes.c_ulong(int(sys.argv[1]))
for _ in range(library.teams_begin(seed, program, back)):
    library.teams_step()
    back()
sys.exit(library.teams_end())
