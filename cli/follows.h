/* SPDX-License-Identifier: MIT */
/* For root, who changes what holds for everyone: lines that say what follows, and for whom. */
#ifndef RATION_FOLLOWS_H
#define RATION_FOLLOWS_H

#include "cli/table.h"

/* Printed: whom the configuration limits, root by name; and who could not have read it. */
void follows_tell(const struct table_orders *orders, const struct table_done *done);

#endif
