# SPDX-License-Identifier: MIT
"""bits.py ROUNDS: the same calls of BLAS so often; prints each result once, to the last bit."""
import hashlib
import sys

import numpy as np

A = np.random.default_rng(1).random((200, 200)) + np.eye(200)
seen = {}
for _ in range(int(sys.argv[1])):
    results = A @ A, np.linalg.inv(A), np.linalg.solve(A, A[0]), np.linalg.cholesky(A @ A.T)
    seen[hashlib.sha1(b"".join(r.tobytes() for r in results)).hexdigest()] = True
print(*seen)
