# SPDX-License-Identifier: MIT
"""
close.py LIBRARY [shut | kept | false]: have an OpenBLAS show no more than upstream means to
(OpenMathLib/OpenBLAS#5560, numpy 2.5.3 and later): its private names are taken out of the table
that the loader goes by, and the table of sections, with all that strip(1) takes away, as well.
shut: its setters too. kept: what strip(1) takes away is left, as in the wheels of those; false: and
says of its number of threads that it is where its pool's is.
"""
import re
import struct
import sys

PRIVATE = re.compile(rb"(openblas_read_env|gotoblas|exec_blas|blas_(?!set_parameter))\w*")
SETTERS = re.compile(rb"(scipy_)?(openblas|goto)_set_num_threads\w*")
PT_LOAD, PT_DYNAMIC, DT_STRTAB, DT_SYMTAB, DT_GNU_HASH = 1, 2, 5, 6, 0x6ffffef5

how = sys.argv[2] if sys.argv[2:] else ""


def lie(data):
    """In the table that only the file has, one private name is where another one is."""
    at, = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQII", data, at + i * size) for i in range(count)]
    [(symbols, length, strings)] = [(s[4], s[5], sections[s[6]][4]) for s in sections if s[1] == 2]
    places = {}
    for entry in range(symbols, symbols + length, 24):
        name, = struct.unpack_from("<I", data, entry)
        text = bytes(data[strings + name:data.index(b"\0", strings + name)])
        if text in (b"blas_cpu_number", b"blas_num_threads"):
            places[text] = entry
    pool = data[places[b"blas_num_threads"] + 8:][:8]
    data[places[b"blas_cpu_number"] + 8:places[b"blas_cpu_number"] + 16] = pool


with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    if how == "false":
        lie(data)
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
    shown = set()
    for at in range(symbols, symbols + 24 * (last + 1), 24):
        name, _, _, section = struct.unpack_from("<IBBH", data, at)
        text = bytes(data[names + name:data.index(b"\0", names + name)])
        if section and (PRIVATE.fullmatch(text) or how == "shut" and SETTERS.fullmatch(text)):
            struct.pack_into("<I", data, at, 0)
        elif section:
            shown.add(text)
    if how in ("", "shut"):
        struct.pack_into("<Q", data, 40, 0)  # e_shoff
        struct.pack_into("<HHH", data, 58, 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    file.seek(0)
    file.write(data)
assert len(shown) > 1000 and b"blas_cpu_number" not in shown
