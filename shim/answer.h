/* SPDX-License-Identifier: MIT */
/*
 * Texts that a guest is given in the place of its own variables: it may keep the pointer for
 * ever, and what it points to never changes.
 */
#ifndef RATION_ANSWER_H
#define RATION_ANSWER_H

enum { ANSWER_SIZE = 128 };

/* That text, kept; NULL: there is no room for another one. */
const char *answer_keep(const char *text);
const char *answer_number(int number);

#endif
