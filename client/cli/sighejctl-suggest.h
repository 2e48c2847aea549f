/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * sighejctl_suggest:
 * @word: what was typed
 * @known: (array zero-terminated=1): what there is
 *
 * Returns: (transfer none) (nullable): the one of @known that @word was most likely meant to be
 */
const char *sighejctl_suggest (const char *word, const char *const *known);

G_END_DECLS
