# SPDX-License-Identifier: MIT
"""A layer of numba by its name, launched as numba does it: the counts that it then has."""
import ctypes
import os
import sys
import time
import types

layer = ctypes.CDLL(sys.argv[1])
omp = ctypes.CDLL("libgomp.so.1")
module = types.ModuleType("numba.np.ufunc.omppool")
for name, function in ("get_num_threads", layer.get_count), ("set_num_threads", layer.set_count):
    setattr(module, name, ctypes.cast(function, ctypes.c_void_p).value)
sys.modules["numba.np.ufunc.workqueue"] = None  # as who forbids its import
sys.modules[module.__name__] = module


def count():
    for _ in range(1000):
        pass
    return layer.get_count()


def launch(threads):
    """In C, then once more in Python."""
    layer.set_count(threads)
    omp.omp_set_num_threads(threads)
    layer.set_count(threads)


print("before", count())
launch(6)
print("launched", count())
layer.set_count(2)
print("less", count())
layer.set_count(6)
omp.omp_set_num_threads(6)
print("more", count(), flush=True)
children = []
for _ in range(2):
    children.append(os.fork())
    if children[-1] == 0:
        time.sleep(0.02)
        launch(6)
        os.write(1, f"child {count()}\n".encode())
        time.sleep(0.3)
        os._exit(0)
for child in children:
    os.waitpid(child, 0)
