/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A clause ("the screen is locked") as it begins a line: "The screen is locked". (transfer full) */
char *sighej_text_dup_capitalised (const char *clause);

/* The same as a sentence: "The screen is locked." (transfer full) */
char *sighej_text_dup_sentence (const char *clause);

G_END_DECLS
