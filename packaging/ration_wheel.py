# SPDX-License-Identifier: MIT
"""
`make wheel`, and the backend of `pip install .` (PEP 517): a wheel with what make builds, and no
Python in it. Its programs stand in the environment's bin, the shim in lib/ration beside it, where
ration looks. The tag says which glibc they need, as read from the files themselves.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUMMARY = "Keep BLAS and OpenMP programs inside a core budget"
# What every glibc system has. Anything else would have to come along.
ALLOWED = {"libc.so.6", "ld-linux-x86-64.so.2"}


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def make_all(build):
    """Everything is built for the wheel: static libconfuse, which Debian 12 need not have."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    goals = ["all"] + (["man"] if shutil.which("scdoc") else [])
    subprocess.run(["make", "BUILD=" + build, "PREFIX=/usr/local", "STATIC=1", "LDFLAGS=-s",
                    *goals],
                   cwd=ROOT, check=True, env=environment, stdout=sys.stderr)


def version():
    with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as makefile:
        return re.search(r"^VERSION *= *(\S+)", makefile.read(), re.M).group(1)


def platform(binaries):
    """manylinux_2_N for the newest symbol of glibc that is asked for (PEP 600)."""
    newest = 17
    for binary in binaries:
        dynamic = run("readelf", "-dW", binary)
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        if needed - ALLOWED:
            sys.exit(f"wheel: {binary} needs {', '.join(sorted(needed - ALLOWED))}")
        for minor in re.findall(r"\bGLIBC_2\.(\d+)", run("readelf", "-VW", binary)):
            newest = max(newest, int(minor))
    return f"manylinux_2_{newest}_{os.uname().machine}"


def notices():
    """Our licence, and that of what is linked in."""
    found = [("LICENSE", os.path.join(ROOT, "LICENSE"))]
    confuse = "/usr/share/doc/libconfuse-dev/copyright"
    if os.path.exists(confuse):
        found.append(("libconfuse.copyright", confuse))
    return found


def contents(build, name):
    """Pairs of a path in the wheel and the file that goes there."""
    data, info = f"{name}.data", f"{name}.dist-info"
    for program in "ration", "rationctl":
        yield f"{data}/scripts/{program}", os.path.join(ROOT, build, program)
    yield f"{data}/data/lib/ration/libration.so", os.path.join(ROOT, build, "libration.so")
    for shell, where in (("bash", "bash-completion/completions"), ("zsh", "zsh/site-functions")):
        folder = os.path.join(ROOT, "completions", shell)
        for file in sorted(os.listdir(folder)):
            yield f"{data}/data/share/{where}/{file}", os.path.join(folder, file)
    pages = os.path.join(ROOT, build, "man")
    for page in sorted(os.listdir(pages)) if os.path.isdir(pages) else []:
        yield f"{data}/data/share/man/man{page[-1]}/{page}", os.path.join(pages, page)
    for file, path in notices():
        yield f"{info}/licenses/{file}", path


class Wheel:
    def __init__(self, path):
        changed = os.stat(os.path.join(ROOT, "CHANGELOG.md")).st_mtime
        self.date = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", changed)))[:6]
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record = []

    def add(self, name, content):
        entry = zipfile.ZipInfo(name, self.date)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
        self.zip.writestr(entry, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        self.record.append(f"{name},sha256={digest.decode()},{len(content)}\n")

    def close(self, info):
        self.record.append(f"{info}/RECORD,,\n")
        self.add(f"{info}/RECORD", "".join(self.record).encode())
        self.zip.close()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    build = os.environ.get("RATION_WHEEL_BUILD", "build/wheel")
    make_all(build)
    name = f"ration-{version()}"
    files = list(contents(build, name))
    tag = f"py3-none-{platform([path for _, path in files[:3]])}"
    os.makedirs(wheel_directory, exist_ok=True)
    target = os.path.join(wheel_directory, f"{name}-{tag}.whl")
    wheel = Wheel(target + ".new")
    for inside, path in files:
        with open(path, "rb") as file:
            wheel.add(inside, file.read())
    info = f"{name}.dist-info"
    licences = "".join(f"License-File: {file}\n" for file, _ in notices())
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
        wheel.add(f"{info}/METADATA", (
            f"Metadata-Version: 2.1\nName: ration\nVersion: {version()}\nSummary: {SUMMARY}\n"
            f"License: MIT\n{licences}Classifier: Operating System :: POSIX :: Linux\n"
            f"Description-Content-Type: text/markdown\n\n{readme.read()}").encode())
    wheel.add(f"{info}/WHEEL", (
        f"Wheel-Version: 1.0\nGenerator: ration_wheel\nRoot-Is-Purelib: false\n"
        f"Tag: {tag}\n").encode())
    wheel.close(info)
    os.replace(target + ".new", target)
    return os.path.basename(target)


if __name__ == "__main__":
    print(os.path.join(sys.argv[1], build_wheel(sys.argv[1])))
