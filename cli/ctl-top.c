/* SPDX-License-Identifier: MIT */
/*
 * rationctl top: the ledger twice a second, a bar for each guest. However it ends, the
 * terminal is left as it was found. Where there is none, a picture is plain text.
 */
#define _GNU_SOURCE
#include "cli/ctl-rows.h"
#include "cli/ctl.h"
#include "cli/say.h"
#include "core/budget.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { REFRESH_MS = 500, BAR_MAX = 40, HEAD_LINES = 3 };

static struct rows rows;
static struct termios before;
static bool on_terminal, reads_keys;
static volatile sig_atomic_t told_to_stop;

static void stop(int number)
{
	(void)number;
	told_to_stop = 1;
}

static void resized(int number)
{
	(void)number; /* poll ends, and the next picture asks for the size */
}

/* A core it has taken, one it waits for, one that it would also use. */
static char mark(const struct rows_row *row, int wish, int core)
{
	if (core < row->share)
		return '#';
	if (core < row->share + row->waits)
		return '+';
	return core < wish ? '.' : ' ';
}

/* Cells for a core, or cores for a cell. */
static void put_bar(FILE *out, const struct rows_row *row, int budget, int width)
{
	int wish = row->wish < row->job_cores ? row->wish : row->job_cores;
	int cores = budget > 0 ? budget : 1;

	fputc('[', out);
	for (int cell = 0; cell < width; cell++) {
		int core = cell * cores / width;

		fputc(mark(row, wish, core), out);
	}
	fputc(']', out);
}

static void end_line(FILE *out)
{
	fputs(on_terminal ? "\033[K\n" : "\n", out);
}

static void put_guests(FILE *out, int lines, int width)
{
	int shown = rows.count <= lines ? rows.count : lines - 1;

	for (int i = 0; i < shown; i++) {
		const struct rows_row *row = &rows.rows[i];

		fprintf(out, "%8d %5d/%-5d ", row->pid, row->share, row->wish);
		put_bar(out, row, rows.budget, width);
		fprintf(out, " %s %4d%% ", rows_state_text(row->state), row->load_pct);
		ctl_put_text(out, *row->name ? row->name : "-");
		end_line(out);
	}
	if (shown < rows.count) {
		fprintf(out, "%8d more", rows.count - shown);
		end_line(out);
	}
}

static void put_picture(FILE *out, const char *user)
{
	struct winsize size = { .ws_row = 0 };
	int lines = LEDGER_ROWS, width = BAR_MAX, cells;

	if (on_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
		lines = budget_clamp(size.ws_row - HEAD_LINES, 1, LEDGER_ROWS);
		/* pid, share and wish, state, load, and a command of up to 15 take 51 columns. */
		width = budget_clamp(size.ws_col - 51, 4, BAR_MAX);
	}
	/* A whole number of cells a core, where that fits. */
	cells = rows.budget > 0 && rows.budget <= width ? width / rows.budget * rows.budget : width;
	if (on_terminal)
		fputs("\033[H", out);
	ctl_put_text(out, user);
	fprintf(out, ": budget %d, granted %d to %d busy of %d guests%s", rows.budget, rows.granted,
		rows.busy, rows.count, reads_keys ? "; q quits" : "");
	end_line(out);
	fprintf(out, "     PID SHARE/WISH  %*s STATE LOAD COMMAND", -(cells + 1), "CORES");
	end_line(out);
	put_guests(out, lines, cells);
	if (on_terminal)
		fputs("\033[J", out);
}

/* One write a picture: no half-drawn one is ever seen. */
static void draw(const char *user)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		die(CTL_TROUBLE, "%s", strerror(ENOMEM));
	put_picture(out, user);
	if (fclose(out) == 0)
		fwrite(text, 1, length, stdout);
	free(text);
	if (fflush(stdout) != 0)
		told_to_stop = 1;
}

static void enter(void)
{
	struct sigaction stops = { .sa_handler = stop }, resizes = { .sa_handler = resized };
	struct termios raw;

	sigaction(SIGINT, &stops, NULL);
	sigaction(SIGTERM, &stops, NULL);
	sigaction(SIGHUP, &stops, NULL);
	sigaction(SIGWINCH, &resizes, NULL);
	on_terminal = isatty(STDOUT_FILENO);
	reads_keys = on_terminal && tcgetattr(STDIN_FILENO, &before) == 0;
	if (reads_keys) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (on_terminal)
		fputs("\033[?1049h\033[?25l", stdout); /* another screen, no cursor */
}

static void leave(void)
{
	if (on_terminal)
		fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	if (reads_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static bool pressed_quit(void)
{
	struct pollfd keys = { .fd = reads_keys ? STDIN_FILENO : -1, .events = POLLIN };
	char key;

	if (poll(&keys, 1, REFRESH_MS) <= 0)
		return false;
	return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q';
}

static int run(void)
{
	uid_t uid = rows_user(ctl_orders.user);
	const struct passwd *entry = getpwuid(uid);
	char user[64];
	int frame = 0, frames;

	snprintf(user, sizeof user, "%u", (unsigned)uid);
	if (entry)
		snprintf(user, sizeof user, "%.63s", entry->pw_name);
	enter();
	frames = on_terminal || ctl_orders.frames ? ctl_orders.frames : 1;
	while (!told_to_stop) {
		rows_read(&rows, uid, ctl_ledger_name());
		draw(user);
		if (++frame == frames || pressed_quit())
			break;
	}
	leave();
	return CTL_DONE;
}

const struct ctl_action ctl_top = {
	.name = "top",
	.summary = "watch the guests: a bar each, twice a second, until q",
	.help = "Of a bar, # is a core that the guest has taken, + one that it waits for, . one\n"
		"that it would also use.\n"
		"Where standard output is no terminal, one picture is printed as plain text.\n",
	.options = CTL_USER | CTL_FRAMES,
	.run = run,
};
