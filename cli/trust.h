/* SPDX-License-Identifier: MIT */
/* Whether a library may be put into every program of a machine. */
#ifndef RATION_TRUST_H
#define RATION_TRUST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * It and every folder on the way to it belong to root, can be changed by nobody else, and
 * can be read by all. path is a true one (realpath). If not, problem says what is wrong and
 * what to do about it.
 */
bool trust_library(const char *path, char *problem, size_t size);

/* Whether a library that is cut off will be ignored by the loader (shim/seal.sh). */
bool trust_sealed(const char *path);

#endif
