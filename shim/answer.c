/* SPDX-License-Identifier: MIT */
/* Each text once: a program that asks again is told the same. Two threads may write it twice. */
#include "shim/answer.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum { ANSWERS = 32 };

static struct {
	atomic_int written;
	char text[ANSWER_SIZE];
} answers[ANSWERS];
static atomic_int count;

const char *answer_keep(const char *text)
{
	size_t size = strlen(text) + 1;
	int i;

	for (i = 0; i < ANSWERS; i++)
		if (atomic_load(&answers[i].written) && !strcmp(answers[i].text, text))
			return answers[i].text;
	if (size > ANSWER_SIZE || atomic_load(&count) >= ANSWERS
	    || (i = atomic_fetch_add(&count, 1)) >= ANSWERS)
		return NULL;
	memmove(answers[i].text, text, size);
	atomic_store(&answers[i].written, 1);
	return answers[i].text;
}

const char *answer_number(int number)
{
	char text[16], *at = text + sizeof text - 1;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	return answer_keep(at);
}
