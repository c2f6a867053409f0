# SPDX-License-Identifier: MIT
"""
close.py LIBRARY [shut]: have an OpenBLAS show no more than upstream means to
(OpenMathLib/OpenBLAS#5560, numpy 2.5.3 and later): its private names are taken out of the table
that the loader goes by, and the table of sections, with all that strip(1) takes away, as well.
shut: its setters too.
"""
import re
import struct
import sys

PRIVATE = re.compile(rb"(openblas_read_env|gotoblas|exec_blas|blas_(?!set_parameter))\w*")
SETTERS = re.compile(rb"(scipy_)?(openblas|goto)_set_num_threads\w*")
PT_LOAD, PT_DYNAMIC, DT_STRTAB, DT_SYMTAB, DT_GNU_HASH = 1, 2, 5, 6, 0x6ffffef5

with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    phoff, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    parts = [struct.unpack_from("<IIQQQQ", data, phoff + i * size) for i in range(count)]

    def where(address):
        return next(address - at + offset for kind, _, offset, at, _, length in parts
                    if kind == PT_LOAD and at <= address < at + length)

    [(offset, length)] = [(p[2], p[5]) for p in parts if p[0] == PT_DYNAMIC]
    entries = dict(struct.unpack_from("<QQ", data, at)
                   for at in range(offset, offset + length, 16))
    names, symbols = where(entries[DT_STRTAB]), where(entries[DT_SYMTAB])
    # The chains of the hash table end where the symbols do.
    table = where(entries[DT_GNU_HASH])
    buckets, first, bloom, _ = struct.unpack_from("<IIII", data, table)
    chains = table + 16 + 8 * bloom + 4 * buckets
    last = max(struct.unpack_from(f"<{buckets}I", data, table + 16 + 8 * bloom))
    while not data[chains + 4 * (last - first)] & 1:
        last += 1
    hidden = 0
    for at in range(symbols, symbols + 24 * (last + 1), 24):
        name, _, _, section = struct.unpack_from("<IBBH", data, at)
        text = bytes(data[names + name:data.index(b"\0", names + name)])
        if section and (PRIVATE.fullmatch(text) or sys.argv[2:] and SETTERS.fullmatch(text)):
            struct.pack_into("<I", data, at, 0)
            hidden += 1
    struct.pack_into("<Q", data, 40, 0)  # e_shoff
    struct.pack_into("<HHH", data, 58, 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    file.seek(0)
    file.write(data)
assert hidden > 20, f"{hidden} names hidden"
