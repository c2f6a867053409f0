#!/bin/sh
# SPDX-License-Identifier: MIT
# Each message of the configuration's reader, as it stands in the source, is asserted by a test that
# makes it: nobody adds or changes one without.
. "$(dirname "$0")/../lib.sh"

cat >"$work/messages.py" <<'END'
import re
import sys

TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|('(?:\\.|[^'\\\n])'|\"(?:\\.|[^\"\\])*\")", re.S)


def strings(path):
    """The string literals of a C file, adjacent ones joined."""
    with open(path, encoding="utf-8") as file:
        bare = TOKEN.sub(lambda match: (match.group(1) or " ").replace("'\"'", "' '"), file.read())
    for literals in re.findall(r'(?:"(?:\\.|[^"\\])*"\s*)+', bare):
        text = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', literals))
        yield re.sub(r"\\(.)", r"\1", text.replace(r"\n", "\n"))


def shell(path):
    with open(path, encoding="utf-8") as file:
        return file.read().replace("\\\n", "").replace('\\"', '"')


root, count = sys.argv[1], 0
known = "\0".join([*strings(f"{root}/tests/unit/conf.c"), shell(f"{root}/tests/e2e/conf.t"),
                  shell(f"{root}/tests/security/files.t")])
for path in sys.argv[2:]:
    for text in strings(path):
        if " " not in text.strip(' "'):
            continue
        count += 1
        parts = [part for part in re.split(r"%[-.0-9]*[a-z]", text) if re.search(r"\w\w", part)]
        if not all(part in known for part in parts):
            print(f"{path[len(root) + 1:]}: {text}")
print(f"{count >= 50 and 'many' or count} messages")
END
is "$("$debian" -B "$work/messages.py" "$root" "$root"/conf/*.c)" \
	"many messages" "each of the reader's messages is asserted"

# And it would be found.
mkdir -p "$work/conf"
printf 'x = "a message " /* " */ "of %%d; " "that no test knows";\n' >"$work/conf/new.c"
like "$("$debian" -B "$work/messages.py" "$root" "$work/conf/new.c")" \
	': a message of %d; that no test knows$' "one that is not is told"
done_testing
