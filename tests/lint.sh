#!/bin/bash
# SPDX-License-Identifier: MIT
# `make lint`: formatter, static checkers, and the house rules as grep can tell them. Each finding
# is a line; the exit status is 1 if there was any.
set -u
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C.UTF-8

# rule is the last of a pipe, and has to set failed in this shell.
shopt -s lastpipe
failed=0
skip="-path ./.git -o -path ./build -o -path ./${BUILD:-build}"
# shellcheck disable=SC2086 # the words of find
all=$(find . \( $skip \) -prune -o -type f -print | sed 's,^\./,,' | sort)
named() { grep -E "$1" <<<"$all"; }
mapfile -t c_files < <(named '\.[ch]$')
mapfile -t guest_files < <(named '^(shim|core)/.*\.[ch]$')
mapfile -t shells < <(named '(\.(sh|t)|^\.ci/run)$')
mapfile -t code < <(named '(\.([ch]|sh|t|py)|^Makefile|^\.ci/run)$')
mapfile -t text < <(named '(\.([ch]|sh|t|py|md|scd|txt)|^Makefile|^\.ci/run|^completions/.*)$')

# rule NAME: what comes in, a finding a line, is wrong.
rule()
{
	local found
	found=$(cat)
	[ -z "$found" ] && return
	while read -r line; do echo "$1: $line"; done <<<"$found"
	failed=1
}

# tool COMMAND...: a checker that exits non-zero when it finds something.
tool()
{
	"$@" && return
	command -v "$1" >/dev/null || echo "lint: $1 is not here: make lint-deps"
	failed=1
}

# A copy of C without comments and strings, "file:line:text" as grep -n has it.
bare()
{
	perl -0777 -ne 's{/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"}{(my $s = $&) =~ tr/\n//cd; $s}gse;
		my $n = 0; print "$ARGV:", ++$n, ":$_\n" for split /\n/' "$@"
}

if [ ${#c_files[@]} -gt 0 ]; then
	tool clang-format --dry-run -Werror "${c_files[@]}"
	# ctuuninitvar: cppcheck 2.10 takes a pointer to an out-parameter for a use of it.
	tool cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. \
		--suppress=ctuuninitvar --enable=warning,performance,portability \
		'-DElfW(type)=Elf64_##type' "${c_files[@]}"
fi
# SC2016: a dollar in single quotes is meant for the shell that a test starts.
tool shellcheck -x -P SCRIPTDIR -e SC2016 "${shells[@]}" completions/bash/*

# Inside a guest nothing ends it, prints through stdio, or allocates.
if [ ${#guest_files[@]} -gt 0 ]; then
	banned='v?f?printf|puts|putchar|fputs|fopen|fdopen|fgets|getline|v?asprintf|perror'
	banned="$banned|exit|_exit|_Exit|abort|assert|malloc|calloc|realloc|free|strn?dup|system"
	bare "${guest_files[@]}" | grep -E "(^|[^A-Za-z0-9_.>])($banned) ?\(" |
		rule 'not in a guest'
fi
# Old systems and containers: what the shim needs of libc, if it is built.
shim=${BUILD:-build}/libration.so
[ ! -e "$shim" ] || objdump -T "$shim" |
	sed -n 's/.*\*UND\*.*(\?GLIBC_\([0-9.]*\))\? *\(.*\)/\1 \2/p' |
	awk '{ split($1, v, "."); if (v[1] > 2 || v[2] > 17) print $2 " of glibc " $1 }' |
	rule 'the shim needs what is newer than glibc 2.17'

# What users made is read, told and signalled by those who know how: doc/security.md has the list.
bare cli/*.c conf/*.c | grep -E '(^|[^A-Za-z0-9_.>])shmat ?\(' | grep -v '^cli/foreign.c' |
	rule 'copy it: foreign_copy'
bare cli/*.c conf/*.c core/*.c | grep -E '(^|[^A-Za-z0-9_.>])(kill|killpg|tgkill) ?\(' |
	grep -vE '^(cli/(report|witness|trial)|conf/apart)[.]c|, 0[)]' |
	rule 'whose number is it? doc/security.md'
bare conf/*.c | grep -E '(^|[^A-Za-z0-9_.>])(open|fopen) ?\(' | grep -v '^conf/text.c' |
	rule 'opened once, as its owner: conf_text_read'
# Files that are opened by those who know why: of the kernel's, of root's own, of our own making.
opens='machine|topology|witness|procfile|orphans|ctl-doctor|scope|watcher|units'
opens="$opens|place|table-file|table|trust|dropin|first|report"
bare cli/*.c | grep -E '(^|[^A-Za-z0-9_.>])(open|fopen|openat|opendir|mmap) ?\(' |
	grep -vE "^cli/($opens|tree|bind|foreign)[.]c" | rule 'whose file is it? doc/security.md'
# Texts of others, by the names that such have here; those of our own tables are ours.
perl -0777 -ne 'while (/\bf?(?:printf|puts)\s*\(((?:"(?:\\.|[^"\\])*"|[^;"])*)\);/gs) {
		my ($args, $n) = ($1, 1 + (substr($_, 0, $-[0]) =~ tr/\n//));
		$args =~ s/"(?:\\.|[^"\\])*"|\b(?:action|actions\[i\]|kind)->\w+//g;
		print "$ARGV:$n: $1\n" if $args =~ /((?:->|\.)(?:name|problem|title|file|text|path
			|conf|group)|\b(?:line|value|problem|path|said|title))\b/x;
	}' cli/*.c conf/*.c | rule 'make it harmless: say'

grep -L -m1 'SPDX-License-Identifier: MIT' "${code[@]}" | rule 'no SPDX line'
grep -nE '[[:space:]]+$' "${text[@]}" | rule 'space at the end'
# The pattern is written so that it does not find itself.
grep -nE '(TOD[O]|FIXM[E]|XX[X])' "${code[@]}" | grep -v 'XXXXXX' | rule 'an issue, not a note'
grep -nE "(^|[^A-Za-z0-9_.\$}/])/(home|root|work|mnt|srv|opt|tmp/work)/" "${text[@]}" |
	rule 'a path of one machine'
grep -nE '(index-ur[l]|find-link[s]|trusted-hos[t])' "${text[@]}" | rule 'names a package registry'
grep -nE 'https?:/[/]' "${code[@]}" | rule 'an address in code'
for file in "${code[@]}"; do
	expand "$file" | awk -v f="$file" 'length > 100 { print f ":" NR ": " length " columns" }'
	awk -v f="$file" 'END { if (NR > 300) print f ": " NR " lines" }' "$file"
done | rule 'too long'
for file in $(named '\.c$'); do
	awk -v f="$file" '/^{/ { start = NR }
		/^}/ && start { if (NR - start - 1 > 40) print f ":" start ": a function of " \
			NR - start - 1 " lines"; start = 0 }' "$file"
done | rule 'too long'

[ "$failed" = 0 ] && echo "lint: clean"
exit "$failed"
