/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * sighej_dup_interest_labels:
 * @interests: (array zero-terminated) (nullable): identifiers of the vocabulary or free text
 *
 * Returns: (transfer full): what to show of each: the vocabulary's label in the language of the
 *   locale, else the text as it is
 */
char **sighej_dup_interest_labels (const char *const *interests);

G_END_DECLS
