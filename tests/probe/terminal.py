# SPDX-License-Identifier: MIT
"""
terminal.py COMMAND [ARG]...: run it on a terminal of its own, press Ctrl-C as soon as it has said
"ready", and pass on what it says. Exits as the command does.
"""
import os
import pty
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = b""
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:  # EIO: nobody has the terminal open any more
        break
    if b"ready" not in said and b"ready" in said + more:
        os.write(terminal, b"\x03")
    said += more
sys.stdout.write(said.decode().replace("\r\n", "\n").replace("^C", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
