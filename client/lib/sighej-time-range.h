/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * sighej_time_range_parse:
 * @typed: as people write a range of the day: "22:00-08:00", "22-8", "22.30 – 8"
 *
 * What sighej_quiet_hours_parse() takes is strict; this is for an entry. Hours 0 to 23, minutes
 * two digits behind ":" or ".", any dash between, spaces anywhere but in a figure. Both ends must
 * differ.
 *
 * Returns: (transfer full) (nullable): "22:00-08:00"; NULL: no such range
 */
char *sighej_time_range_parse (const char *typed);

/* "22:00-08:00" as it is read: "22:00–08:00"; any other text as it is. (transfer full) */
char *sighej_time_range_dup_text (const char *range);

G_END_DECLS
