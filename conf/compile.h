/* SPDX-License-Identifier: MIT */
/*
 * From sections with names to rules with ids (core/rules.h): what root does, so that no program
 * has to. What a directory server does not tell today it told at the last time: a name that is not
 * known any more keeps the id that it had.
 */
#ifndef RATION_CONF_COMPILE_H
#define RATION_CONF_COMPILE_H

#include "conf/conf.h"
#include "core/rules.h"

/* A section whose name is not known now. kept: it holds for the id of before. */
typedef void conf_unknown(const struct conf_section *section, bool kept, void *arg);

/* The number that a rule has for a name. */
uint64_t conf_compile_name(const char *title);

/*
 * The rules of all sections, to be freed; at *count how many. was: those of before, for names.
 * NULL: no memory.
 */
struct rule *conf_compile(const struct conf *conf, const struct rule *was, size_t was_count,
			  size_t *count, conf_unknown *unknown, void *arg);

#endif
