# SPDX-License-Identifier: MIT
"""
load.py [NAME=VALUE]...: set these, load numpy, make one call, and say how many threads there are
then, as the kernel counts them, and how many the library says it uses.
"""
import os
import sys

for setting in sys.argv[1:]:
    name, value = setting.split("=")
    os.environ[name] = value

import numpy as np

import blas

before = blas.tasks()
a = np.ones((400, 400))
a @ a
print(f"loaded {before}, after a call {blas.tasks()}, answers {blas.copy().get()}")
